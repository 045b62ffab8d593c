import { join } from 'node:path'
import { publicUrl, SERVICES } from '../network/settings.ts'
import { APPS, CHILD, GUARDIANS } from './cast.ts'
import { purposeOf } from './memory.ts'
import { requestConsent } from './steps/ask-consent.ts'
import { makeOffer } from './steps/hand-out-credentials.ts'
import type { Story } from './story.ts'

/** Something to look at when the story is over: each URL opens in a browser as it is. */
export interface OpenPage {
  readonly url: string
  readonly what: string
}

/**
 * Leaves a question undecided and an offer unused, and says which pages there are, where the API keys lie, and how to play a wallet.
 * Returns the lines.
 */
export async function leaveSomethingToOpen(story: Story): Promise<string[]> {
  const { settings } = story
  const offer = await makeOffer(story, GUARDIANS[0], CHILD)
  const { pageUrl } = await requestConsent(story)
  const pages = openPages(story, { offer: offer.page_url, request: pageUrl })
  return [
    '',
    '  The network keeps running. Open:',
    ...pages.flatMap(({ url, what }) => [`  ${what}`, `    ${url}`]),
    '  Play a wallet in another window: fetch the offer, then press a button on the page of the question',
    '  and answer the link below it (copy its address, which begins with haip-vp:):',
    `    npm run wallet -- '${offer.offer_uri}' ${offer.tx_code}`,
    `    npm run wallet -- '<that link>'`,
    `  API keys: ${join(settings.dataDirectory, 'story.json')}; for operators <service>/operator-key beside it.`,
    '  Ctrl-C stops everything.',
  ]
}

/** All pages, of this run and of every other. */
export function openPages(story: Story, made: { readonly offer: string; readonly request: string }): OpenPage[] {
  const at = (service: (typeof SERVICES)[number], path: string) => `${publicUrl(story.settings, service)}${path}`
  return [
    { what: 'a question to two parents, still undecided', url: made.request },
    { what: 'an offer at the desk of the school, not yet fetched', url: made.offer },
    { what: 'a purpose, in plain words', url: purposeOf(story, APPS[0].slug).uri },
    { what: 'a family looks back', url: at('consent-registry', '/me/record') },
    { what: 'the members of the federation', url: at('trust-anchor', '/list') },
    ...SERVICES.map((service) => ({ what: `the API of ${service}`, url: at(service, '/docs') })),
  ]
}
