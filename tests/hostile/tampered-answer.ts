import { lookInto } from '@samen/test-kit'
import type { Tampering, WalletAnswer } from '@samen/test-wallet'
import { publicUrl } from '../../scripts/network/settings.ts'
import { APPS, CHILD } from '../../scripts/story/cast.ts'
import { purposeOf, tenant } from '../../scripts/story/memory.ts'
import { typeNumber } from '../../scripts/story/steps/present-facts.ts'
import type { Story } from '../../scripts/story/story.ts'
import { need } from '../../scripts/story/wallets.ts'

/** What the wallet was told, and what the app read afterwards. */
export interface Outcome {
  readonly answer: WalletAnswer
  readonly result: { state: string; claims?: Record<string, unknown>; pseudonym?: string }
  readonly request: string
  /** the code in the vendor's audit, which neither wallet nor app is told: of the check that refused it, where one did */
  readonly reason: string | undefined
}

/**
 * The arithmetic app asks, the first guardian's wallet answers dishonestly. Without a consent an honest answer ends in
 * `consent_required`: everything before the consent was verified.
 */
export async function answerWith(story: Story, tamper: Tampering, label: string = CHILD): Promise<Outcome> {
  const asked = await askFor(story, APPS[0].slug)
  const wallet = need(story.family.first, 'first wallet')
  const answer = await wallet.respond(asked.authorization_request, { choose: (held) => held.label === label, tamper })
  if (answer.redirect_uri) await typeNumber(story, APPS[0].slug, asked.id, answer.redirect_uri)
  return {
    answer,
    result: await readResult(story, APPS[0].slug, asked.id),
    request: asked.authorization_request,
    reason: await readReason(story, asked.id),
  }
}

export async function askFor(story: Story, slug: string): Promise<{ id: string; authorization_request: string }> {
  const { apiKey } = tenant(story, slug)
  const url = `${publicUrl(story.settings, 'verifier')}/v1/apps/${slug}/presentations`
  return (await story.client.call('POST', url, { apiKey, json: { purpose: purposeOf(story, slug).id }, expect: 201 }))
    .body
}

export async function readResult(story: Story, slug: string, id: string): Promise<Outcome['result']> {
  const url = `${publicUrl(story.settings, 'verifier')}/v1/apps/${slug}/presentations/${id}`
  return (await story.client.call('GET', url, { apiKey: tenant(story, slug).apiKey, expect: 200 })).body
}

function readReason({ databases }: Story, id: string): Promise<string | undefined> {
  return lookInto(databases.superuserUrls?.verifier ?? '', async (database) => {
    const written = `select outcome from audit_event where action = 'presentation.answered' and object = $1`
    return (await database.query<{ outcome: string }>(written, [id])).rows.at(-1)?.outcome
  })
}

/** The disclosures of an SD-JWT without key binding: `issuer~d1~d2~`. */
export function splitSdJwt(sdJwt: string): { issuerJwt: string; disclosures: string[] } {
  const [issuerJwt = '', ...rest] = sdJwt.split('~')
  return { issuerJwt, disclosures: rest.filter(Boolean) }
}

export function joinSdJwt({ issuerJwt, disclosures }: { issuerJwt: string; disclosures: readonly string[] }): string {
  return `${[issuerJwt, ...disclosures].join('~')}~`
}
