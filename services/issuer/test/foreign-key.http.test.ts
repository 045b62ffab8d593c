import { sql } from '@samen/pg-kit'
import t from 'tap'
import { agree, deskOrder, makeOffer, openNode } from './support/issuing-school.ts'
import { createListReader } from './support/list-reader.ts'
import { REGISTRY } from './support/roster-node.ts'

type Method = 'GET' | 'POST' | 'DELETE'

/** What a call needs besides the school in its path. `ids`: one that exists at the school that is attacked, and `unknown`. */
interface Sample {
  readonly payload?: object
  readonly ids?: readonly string[]
}

const UNKNOWN = 'A'.repeat(22)
const APP = 'https://verifier.test/apps/rekenrijk'
const ROSTER = Buffer.from('no roster')
const AGREEMENT = {
  purpose_uri: `${REGISTRY}/purposes/${UNKNOWN}/1`,
  guardians: 'every',
  processor_agreement: { model: 'model-4.0', reference: '2026/17', signed_at: '2026-08-17' },
  valid_until: '2027-07-31',
}
const node = await openNode(t)
const victim = await node.addSchool('de-regenboog', '01AB00')
const thief = await node.addSchool('de-wilg', '01AB01')
await victim.addPupil('anna')

function call(
  method: Method,
  url: string,
  { key, payload }: { key?: string | undefined; payload?: object | undefined },
) {
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(Buffer.isBuffer(payload) && { 'content-type': 'application/zip' }),
  }
  return node.app.inject({ method, url, headers, ...(payload !== undefined && { payload }) })
}

/** One entry for each route of a school: a new route has to be entered here, with a body that its own school could send. */
async function samples(): Promise<Record<string, Sample>> {
  const own = async (method: Method, path: string, payload?: object) => {
    const reply = await call(method, `/v1/schools/${victim.slug}/${path}`, { key: victim.apiKey, payload })
    if (reply.statusCode >= 300) throw new Error(`its own school cannot ${method} ${path}: ${reply.body}`)
    return reply.json()
  }
  await agree(node.deps, victim.slug, APP, REGISTRY)
  const agreement = await node.db(victim.slug).one<{ id: string }>(sql`select id from agreement`)
  const offers = [(await makeOffer(node, victim, deskOrder('anna'))).id, UNKNOWN]
  const issued = await createListReader(node, victim).issue()
  return {
    'GET /v1/schools/{school}/api-keys': {},
    'POST /v1/schools/{school}/api-keys': { payload: { scopes: ['offers'] } },
    'DELETE /v1/schools/{school}/api-keys/{id}': { ids: [(await own('GET', 'api-keys')).api_keys[0].id, UNKNOWN] },
    'POST /v1/schools/{school}/imports': { payload: ROSTER },
    'GET /v1/schools/{school}/imports/{id}': { ids: [(await own('POST', 'imports', ROSTER)).id, UNKNOWN] },
    'POST /v1/schools/{school}/agreements': { payload: AGREEMENT },
    'GET /v1/schools/{school}/agreements/{id}': { ids: [agreement.id, UNKNOWN] },
    'POST /v1/schools/{school}/offers': { payload: deskOrder('anna') },
    'GET /v1/schools/{school}/offers/{id}': { ids: offers },
    'DELETE /v1/schools/{school}/offers/{id}': { ids: offers },
    'POST /v1/schools/{school}/credentials/{id}/revocation': { ids: [issued.id, UNKNOWN] },
  }
}

/** The routes that carry the name of a school, as the service itself describes them. */
async function routesOfASchool(): Promise<string[]> {
  const { paths } = (await node.app.inject('/openapi.json')).json() as { paths: Record<string, object> }
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/schools/{school}'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
}

t.test(
  "on every route the key of another school finds a school that does not exist, and another's things neither",
  async (t) => {
    const known = await samples()
    t.same(
      Object.keys(known).sort(),
      (await routesOfASchool()).sort(),
      'each route of a school is tried, and only these',
    )
    const nothing = await call('GET', '/v1/nothing', { key: thief.apiKey })
    t.equal(nothing.statusCode, 404)
    for (const [route, { payload, ids = [''] }] of Object.entries(known)) {
      const [method, path = ''] = route.split(' ') as [Method, string]
      const send = (slug: string, id: string, key?: string) =>
        call(method, path.replace('{school}', slug).replace('{id}', id), { key, payload })
      for (const id of ids) {
        t.type(id, 'string', `${route} has something to steal`)
        // Under the thief's own path only the thing is foreign; without one, the call would be an honest one.
        for (const slug of path.includes('{id}') ? [victim.slug, 'nobody', thief.slug] : [victim.slug, 'nobody']) {
          const { statusCode, body } = await send(slug, id, thief.apiKey)
          const what = `${route} at ${slug}, id ${ids.indexOf(id)}`
          t.same({ statusCode, body }, { statusCode: 404, body: nothing.body }, what)
          t.equal((await send(slug, id)).statusCode, 401, `${route} at ${slug} without a key`)
        }
      }
    }
  },
)
