import { generateSigningKey } from '@samen/jwt-profile'
import { APPS, CHILD } from '../scripts/story/cast.ts'
import { decide, requestConsent } from '../scripts/story/steps/ask-consent.ts'
import { present } from '../scripts/story/steps/present-facts.ts'
import type { Story } from '../scripts/story/story.ts'
import { type ConsentRequest, need } from '../scripts/story/wallets.ts'
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

/** Consent requests made before the clock starts, each to be answered once. */
export async function makeConsentRequests(story: Story, count: number): Promise<ConsentRequest[]> {
  const requests: ConsentRequest[] = []
  for (let index = 0; index < count; index += 1) requests.push(await requestConsent(story))
  return requests
}

/** One guardian's yes, with its presentation and its confirmation. */
export function decision(story: Story, requests: ConsentRequest[]): () => Promise<void> {
  return async () => {
    const consent = requests.pop()
    if (!consent) throw new Error('not enough consent requests were made')
    const asking = { ...story, family: { ...story.family, consent } }
    await decide(asking, need(story.family.first, 'first wallet'), 'yes', 'on the phone itself')
  }
}
