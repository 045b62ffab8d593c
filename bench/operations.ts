import { generateSigningKey } from '@samen/jwt-profile'
import type { Wallet } from '@samen/test-wallet'
import { APPS, CHILD, SCHOOL } from '../scripts/story/cast.ts'
import { decide, requestConsent } from '../scripts/story/steps/ask-consent.ts'
import { handOut, newWallet } from '../scripts/story/steps/hand-out-credentials.ts'
import { present } from '../scripts/story/steps/present-facts.ts'
import type { Story } from '../scripts/story/story.ts'
import type { ConsentRequest } from '../scripts/story/wallets.ts'
import { buildBoard } from '../tests/fixtures/sample-board.ts'
import { fetchNonce, keyProof, makeOffer, postCredential, type RawOffer, redeem } from '../tests/raw-wallet.ts'

/** Offers made before the clock starts: making one is the school's work, not the wallet's. */
export async function makeOffers(story: Story, count: number): Promise<RawOffer[]> {
  const offers: RawOffer[] = []
  for (let index = 0; index < count; index += 1) offers.push(await makeOffer(story, CHILD))
  return offers
}

/** Token, nonce and credential request for `copies` new keys. */
export function issuance(offers: RawOffer[], copies: number): () => Promise<void> {
  return async () => {
    const offer = offers.pop()
    if (!offer) throw new Error('not enough offers were made')
    const access = await redeem(offer)
    const nonce = await fetchNonce(access.issuer)
    const jwt = Array.from({ length: copies }, () => keyProof(generateSigningKey(), { issuer: access.issuer, nonce }))
    const { status } = await postCredential(access, { credential_configuration_id: 'pupil', proofs: { jwt } })
    if (status !== 200) throw new Error(`the issuer answered ${status}`)
  }
}

/** One verified presentation with a live consent, from the app's question to its answer, the pairing number included. */
export function presentation(story: Story): () => Promise<void> {
  return async () => {
    const { state } = await present(story, APPS[0].slug)
    if (state !== 'verified') throw new Error(`the verifier answered ${state}`)
  }
}

/** A guardian with a wallet, and the child it is about. */
type Guardianship = { readonly wallet: Wallet; readonly child: string }

/** One of the two guardians of every child with two: a child has one app's question or a few, not hundreds. */
export async function equipGuardians(story: Story): Promise<Guardianship[]> {
  const { pupils } = buildBoard(story.calendar)
  const guardianships: Guardianship[] = []
  for (const { school, sourcedId: child, authority } of pupils) {
    const holder = /^\{([^:}]+):joint\},\{[^:}]+:joint\}$/.exec(authority)?.[1]
    if (school.slug !== SCHOOL.slug || holder === undefined) continue
    const wallet = newWallet(story)
    await handOut(story, wallet, holder, child)
    guardianships.push({ wallet, child })
  }
  return guardianships
}

/** Consent requests made before the clock starts, each to be answered once. */
export async function makeConsentRequests(story: Story, count: number): Promise<ConsentRequest[]> {
  const requests: ConsentRequest[] = []
  for (let index = 0; index < count; index += 1) requests.push(await requestConsent(story))
  return requests
}

/** One guardian's yes, with its presentation and its confirmation. */
export function decision(story: Story, guardianships: Guardianship[], requests: ConsentRequest[]): () => Promise<void> {
  return async () => {
    const consent = requests.pop()
    const guardianship = guardianships.shift()
    if (!consent || !guardianship) throw new Error('not enough consent requests or guardians were made')
    guardianships.push(guardianship)
    const asking = { ...story, family: { ...story.family, consent } }
    await decide(asking, guardianship.wallet, 'yes', 'on the phone itself', guardianship.child)
  }
}
