import { publicUrl } from '../../network/settings.ts'
import { APPS, CHILD, PURPOSES } from '../cast.ts'
import { purposeOf, tenant } from '../memory.ts'
import type { Story } from '../story.ts'
import { need } from '../wallets.ts'

/** What a verifier tells its app about one presentation. */
export interface PresentationResult {
  readonly state: string
  readonly claims?: Record<string, unknown>
  readonly pseudonym?: string
}

/** Step 6: the app with consent gets its two facts and a pseudonym; the app without gets nothing. */
export async function presentFacts(story: Story): Promise<void> {
  const { print } = story
  const [arithmetic, reading] = APPS
  const result = await present(story, arithmetic.slug)
  const expected = PURPOSES.rekenrijk.claims.map(({ fact }) => fact).sort()
  if (
    result.state !== 'verified' ||
    Object.keys(result.claims ?? {})
      .sort()
      .join() !== expected.join()
  ) {
    throw new Error(`the app got ${JSON.stringify(result)}`)
  }
  print.check(
    `${arithmetic.name} got ${JSON.stringify(result.claims)} and the pseudonym ${result.pseudonym?.slice(0, 8)}…`,
  )
  const nothing = await present(story, reading.slug)
  if (nothing.state !== 'consent_required' || nothing.claims || nothing.pseudonym) {
    throw new Error(`the reading app got ${JSON.stringify(nothing)}`)
  }
  const [mine, theirs] = APPS.map(({ slug }) =>
    need(story.family.first, 'first wallet').pseudonymsFor(tenant(story, slug).entityId, CHILD),
  )
  if (!mine?.[0] || !theirs?.[0] || mine[0] === theirs[0]) throw new Error('two apps share a pseudonym')
  print.check(
    `${reading.name} asked for the same child: consent_required, no claims. Its pseudonym would be ${theirs[0].slice(0, 8)}…: another one.`,
  )
  print.sees(
    'The wallet sees',
    'a signed request that names the app, and the two facts it would show; then a number to type into the app.',
  )
  print.sees('The school sees', 'nothing. No connection reached it or the registry because of this presentation.')
  print.stored(
    'The verifier',
    'the two facts, sealed, until the app read them once. The presentation itself was dropped.',
  )
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
