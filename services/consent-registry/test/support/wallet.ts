import { decodeJwt, encryptJwe, type PublicJwk } from '@samen/jwt-profile'
import { type ClaimPath, presentSdJwtVc } from '@samen/sd-jwt-vc'
import type { Held } from './members.ts'
import type { Reply, World } from './registry.ts'

// biome-ignore lint/suspicious/noExplicitAny: a wallet reads the whole request; tests pick from it
export type RequestObject = any

export interface Bends {
  readonly disclose?: ClaimPath[]
  readonly nonce?: string
  readonly audience?: string
  readonly state?: string
  readonly vpToken?: (presentation: string) => unknown
}

export async function fetchRequest(world: World, link: string): Promise<RequestObject> {
  const reply = await world.call('GET', new URL(link).searchParams.get('request_uri') ?? '')
  if (reply.status !== 200) throw new Error(`the request was answered with ${reply.status}`)
  return decodeJwt(reply.text, { maxBytes: 65_536 }).payload
}

/** The form that answers a request, honest unless it is bent. */
export async function answerForm(world: World, request: RequestObject, held: Held, bends: Bends = {}) {
  const presentation = presentSdJwtVc(held.credential, {
    disclose: bends.disclose ?? askedPaths(request),
    nonce: bends.nonce ?? request.nonce,
    audience: bends.audience ?? request.client_id,
    holderKey: held.holderKey,
    now: world.clock.now(),
  })
  const vp_token = bends.vpToken?.(presentation) ?? { guardianship: [presentation] }
  const content = JSON.stringify({ vp_token, state: bends.state ?? request.state })
  const [key] = request.client_metadata.jwks.keys as (PublicJwk & { kid: string })[]
  if (key === undefined) throw new Error('the request has no key')
  return { response: await encryptJwe(content, key, {}, 'A256GCM') }
}

/** Fetches, answers, posts; the timer that keeps the lists of schools fresh has run before. */
export async function respond(world: World, link: string, held: Held, bends?: Bends): Promise<Reply> {
  await world.deps.schoolLists.refreshDue()
  const request = await fetchRequest(world, link)
  return world.call('POST', request.response_uri, { form: await answerForm(world, request, held, bends) })
}

/** One guardian says one word on the page of a request, signs it with the wallet and comes back to that page. */
export async function decide(
  world: World,
  handle: string,
  decision: string,
  held: Held,
  bends?: Bends,
): Promise<Reply> {
  const begun = await begin(world, handle, decision)
  const answered = await respond(world, begun.body.authorization_request, held, bends)
  if (answered.status !== 200) return answered
  return comeBack(world, answered, begun)
}

/** The wallet's redirect, opened in the browser that `begun` began. */
export function comeBack(world: World, answered: Reply, begun: Reply): Promise<Reply> {
  return world.call('GET', answered.body.redirect_uri, { cookie: cookieOf(begun) })
}

export async function begin(world: World, handle: string, decision: string): Promise<Reply> {
  const reply = await world.call('POST', `/requests/${handle}/decisions`, { form: { decision } })
  if (reply.status !== 201) throw new Error(`the decision was answered with ${reply.status}: ${reply.text}`)
  return reply
}

/** Opens the record of a child; the answer to GET /me/record with that query. */
export async function fetchRecord(world: World, held: Held, query = ''): Promise<Reply> {
  const session = await world.call('POST', '/me/sessions', { form: {} })
  const answered = await respond(world, session.body.authorization_request, held)
  await comeBack(world, answered, session)
  return world.call('GET', `/me/record${query}`, { cookie: cookieOf(session) })
}

export function cookieOf(reply: Reply): string {
  return reply.headers.get('set-cookie')?.split(';')[0] ?? ''
}

export function askedPaths(request: RequestObject): ClaimPath[] {
  return request.dcql_query.credentials[0].claims.map(({ path }: { path: ClaimPath }) => path)
}
