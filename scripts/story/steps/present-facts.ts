import { isDeepStrictEqual } from 'node:util'
import { buildBoard } from '../../../tests/fixtures/sample-board.ts'
import { publicUrl } from '../../network/settings.ts'
import { type LoggedRequest, watchRequests } from '../../network/watch-requests.ts'
import { APPS, CHILD } from '../cast.ts'
import { purposeOf, tenant } from '../memory.ts'
import type { Story } from '../story.ts'
import { need } from '../wallets.ts'

/** What a verifier tells its app about one presentation. */
export interface PresentationResult {
  readonly state: string
  readonly claims?: Record<string, unknown>
  readonly pseudonym?: string
}

/** Step 6: the app with consent gets its two facts and a pseudonym; the app without gets nothing; school and registry sleep. */
export async function presentFacts(story: Story): Promise<void> {
  const { print, family } = story
  const [arithmetic, reading] = APPS
  const wallet = need(family.first, 'first wallet')
  const [mine, theirs] = APPS.map(({ slug }) => wallet.pseudonymsFor(tenant(story, slug).entityId, CHILD))
  const result = await presentWatched(story, arithmetic.slug)
  const expected = { state: 'verified', claims: factsOfRoster(story), pseudonym: mine?.[0] }
  const { state, claims, pseudonym } = result
  if (!isDeepStrictEqual({ state, claims, pseudonym }, expected)) {
    throw new Error(`the app got ${JSON.stringify(result)}, not ${JSON.stringify(expected)}`)
  }
  print.check(`${arithmetic.name} got ${JSON.stringify(claims)}, as in the roster, and the pseudonym of its own.`)

  const nothing = await print.fold('the same, asked by the other app', () => present(story, reading.slug))
  if (nothing.state !== 'consent_required' || nothing.claims || nothing.pseudonym) {
    throw new Error(`the reading app got ${JSON.stringify(nothing)}`)
  }
  if (mine?.length !== 1 || theirs?.length !== 1 || mine[0] === theirs[0]) throw new Error('two apps share a pseudonym')
  print.check(`${reading.name} asked about the same child and got ${JSON.stringify({ state: nothing.state })}.`)
  print.sees('Pseudonyms', `${mine[0]} for the one, ${theirs[0]} for the other: nothing to compare.`)
  print.sees(
    'The wallet sees',
    'a signed request that names the app, the facts it asks, then a number to type into the app.',
  )
}

/** What the administration sent about the child, as the purpose asks it. */
function factsOfRoster({ calendar }: Story): Record<string, unknown> {
  const child = buildBoard(calendar).pupils.find(({ sourcedId }) => sourcedId === CHILD)
  if (!child) throw new Error('the child is not in the roster')
  const twelfth = `${Number(child.birthDate.slice(0, 4)) + 12}${child.birthDate.slice(4)}`
  return { year_group: child.yearGroup, age_over_12: twelfth <= calendar.madeOn }
}

const SLEEPERS = ['issuer', 'consent-registry'] as const
/** What a verifier fetches whole, the same for every pupil: on timers, and before the first presentation of a school. */
const TIMED = /status-lists|consent-lists|openid-federation/

/**
 * Two presentations: one with everybody awake, of which is told what school and registry were asked meanwhile, by it or by timers; and one
 * with both stopped, so that nobody can have asked them anything to get it through. Throws Error when that one does not get through, and
 * when either made somebody ask for something that no timer fetches. Where somebody else runs the services nothing can be measured, and
 * that is told. Returns what the app got.
 */
async function presentWatched(story: Story, slug: string): Promise<PresentationResult> {
  const { print, services } = story
  if (Object.keys(services.processes).length === 0) {
    print.sees('Not measured', 'whether school or registry were asked: somebody else runs them.')
    return present(story, slug)
  }
  const awake = await watchRequests(story, SLEEPERS, 'awake', () => present(story, slug))
  assertTimed(awake.requests)
  print.sees('Meanwhile', `school and registry were asked, by it or by timers: ${namesOf(awake.requests)}`)
  const stopped = await print.fold('the same, with school and registry stopped (SIGSTOP) from question to answer', () =>
    watchRequests(story, SLEEPERS, 'stopped', () => present(story, slug)),
  )
  assertTimed(stopped.requests)
  if (!isDeepStrictEqual(stopped.result, awake.result)) throw new Error('a presentation has to ask school or registry')
  print.check('With both stopped the app got the same: a presentation asks nothing of school or registry.')
  return awake.result
}

function assertTimed(requests: readonly LoggedRequest[]): void {
  const untimed = requests.filter(({ route }) => !TIMED.test(route))
  if (untimed.length > 0) throw new Error(`the presentation caused ${namesOf(untimed)}`)
}

function namesOf(requests: readonly LoggedRequest[]): string {
  const names = new Set(requests.map(({ service, method, route }) => `${method} ${service}${route}`))
  return names.size === 0 ? 'nothing.' : `${[...names].join(', ')}.`
}

/**
 * One presentation from begin to end: the app asks, the first guardian's wallet answers, the number that the phone then shows is typed
 * into the app, the app reads the result.
 */
export async function present(story: Story, slug: string): Promise<PresentationResult> {
  const { apiKey } = tenant(story, slug)
  const url = `${publicUrl(story.settings, 'verifier')}/v1/apps/${slug}/presentations`
  const json = { purpose: purposeOf(story, slug).id }
  const { body: asked } = await story.client.call('POST', url, { apiKey, json, expect: 201 })
  const wallet = need(story.family.first, 'first wallet')
  const answer = await wallet.respond(asked.authorization_request, { choose: (held) => held.label === CHILD })
  if (answer.redirect_uri) await typeNumber(story, slug, asked.id, answer.redirect_uri)
  return (await story.client.call('GET', `${url}/${asked.id}`, { apiKey, expect: 200 })).body
}

/** What the phone shows after the wallet has answered, typed where the app shows its code. Without it the app reads nothing. */
export async function typeNumber(story: Story, slug: string, id: string, redirectUri: string): Promise<void> {
  const { client } = story
  const { apiKey } = tenant(story, slug)
  const { body: page } = await client.call('GET', redirectUri, { accept: 'text/html', expect: 200 })
  const number = /class="number">([\d ]+)</.exec(page)?.[1]
  if (!number) throw new Error('the phone shows no number')
  const url = `${publicUrl(story.settings, 'verifier')}/v1/apps/${slug}/presentations/${id}/pairing`
  await client.call('POST', url, { apiKey, json: { number }, expect: 204 })
}
