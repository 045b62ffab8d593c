import { sql } from '@samen/pg-kit'
import t, { type Test } from 'tap'
import { PURPOSE, registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'

type Method = 'GET' | 'POST' | 'DELETE'

/** What a call needs besides the app in its path. `ids`: one that exists at the app that is attacked, and `unknown`. */
interface Sample {
  readonly json?: unknown
  readonly ids?: readonly string[]
  /** how an app is told that it has no such thing, where that is not 404 */
  readonly refusal?: 'wrong-number'
}

const UNKNOWN = 'A'.repeat(22)
const network = await startNetwork(t)
const { call, deps, school } = network
const victim = await network.addApp('rekenrijk')
const thief = await network.addApp('leesvonk')

/** One entry for each route of an app: a new route has to be entered here, with a body that its own app could send. */
async function samples(): Promise<Record<string, Sample>> {
  const own = async (method: Method, path: string, json?: unknown) => {
    const sent = { key: victim.apiKey, ...(json !== undefined && { json }) }
    const { status, text, body } = await call(method, `/v1/apps/${victim.slug}/${path}`, sent)
    if (status >= 300) throw new Error(`its own app cannot ${method} ${path}: ${status} ${text}`)
    return body
  }
  const purpose = await registerPurpose(network, victim)
  const registered = sql`update purpose set state = 'registered'`
  await deps.db.forTenant(victim.slug).run(registered)
  const consent = { purpose: purpose.id, school: school.entityId }
  const webhook = { url: 'https://app.example/' }
  const presentations = [(await own('POST', 'presentations', { purpose: purpose.id })).id, UNKNOWN]
  return {
    'GET /v1/apps/{app}/api-keys': {},
    'POST /v1/apps/{app}/api-keys': {},
    'DELETE /v1/apps/{app}/api-keys/{id}': { ids: [(await own('GET', 'api-keys')).api_keys[0].id, UNKNOWN] },
    'POST /v1/apps/{app}/purposes': { json: PURPOSE },
    'GET /v1/apps/{app}/messages': {},
    'POST /v1/apps/{app}/consent-requests': { json: consent },
    'GET /v1/apps/{app}/consent-requests/{id}': {
      ids: [(await own('POST', 'consent-requests', consent)).id, UNKNOWN],
    },
    'POST /v1/apps/{app}/presentations': { json: { purpose: purpose.id } },
    'GET /v1/apps/{app}/presentations/{id}': { ids: presentations },
    'POST /v1/apps/{app}/presentations/{id}/pairing': {
      json: { number: '123 456' },
      ids: presentations,
      refusal: 'wrong-number',
    },
    'GET /v1/apps/{app}/webhooks': {},
    'POST /v1/apps/{app}/webhooks': { json: webhook },
    'DELETE /v1/apps/{app}/webhooks/{id}': { ids: [(await own('POST', 'webhooks', webhook)).id, UNKNOWN] },
    'GET /v1/apps/{app}/deletions': {},
    'POST /v1/apps/{app}/deletions/{id}/confirmation': { ids: [UNKNOWN] },
  }
}

/** The routes that carry the name of an app, as the service itself describes them. */
async function routesOfAnApp(): Promise<string[]> {
  const { paths } = (await call('GET', '/openapi.json')).body as { paths: Record<string, object> }
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/') && path.includes('{app}'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
}

const nothing = await call('GET', '/v1/nothing', { key: thief.apiKey })

/** The thief tries one route at the victim, at nobody and, when the path names a thing, at its own path. */
async function tryRoute(t: Test, route: string, { json, ids = [''], refusal }: Sample): Promise<void> {
  const [method, path = ''] = route.split(' ') as [Method, string]
  const body = json === undefined ? {} : { json }
  const send = (slug: string, id: string, sent: { key?: string }) =>
    call(method, path.replace('{app}', slug).replace('{id}', id), { ...body, ...sent })
  const unknown = refusal === undefined ? nothing : await send(thief.slug, 'never-made', { key: thief.apiKey })
  t.match(unknown.body.type, `urn:samen:problem:${refusal ?? 'not-found'}`)
  for (const id of ids) {
    t.type(id, 'string', `${route} has something to steal`)
    for (const slug of path.includes('{id}') ? [victim.slug, 'nobody', thief.slug] : [victim.slug, 'nobody']) {
      const { status, text } = await send(slug, id, { key: thief.apiKey })
      const expected = slug === thief.slug ? unknown : nothing
      t.same({ status, text }, { status: expected.status, text: expected.text }, `${route} at ${slug}, id ${id}`)
      t.equal((await send(slug, id, {})).status, 401, `${route} at ${slug} without a key`)
    }
  }
}

t.test("on every route another app's key finds neither the app nor its things", async (t) => {
  const known = await samples()
  t.same(Object.keys(known).sort(), (await routesOfAnApp()).sort(), 'each route of an app is tried, and only these')
  t.equal(nothing.status, 404)
  for (const [route, sample] of Object.entries(known)) await tryRoute(t, route, sample)
})
