import { X509Certificate } from 'node:crypto'
import { setGlobalConfig } from '@openid4vc/oauth2'
import type { HeldCredential } from './held-credential.ts'
import { type RedeemOptions, redeemOffer } from './redeem-offer.ts'
import { type RespondOptions, refuse, respond, type WalletAnswer } from './respond.ts'
import { guardedFetch } from './surroundings.ts'

/** A wallet without a screen. It keeps everything in memory and uses each copy of a credential once. */
export interface Wallet {
  readonly credentials: readonly HeldCredential[]
  /**
   * Redeems an offer link: metadata, token with DPoP, nonce, credential request, notification.
   * Throws what the library throws when the issuer refuses, and Error when a credential does not verify.
   */
  redeemOffer(offerLink: string, options: RedeemOptions): Promise<readonly HeldCredential[]>
  /** Answers a presentation request by disclosing exactly what it asks. Throws Error when nothing held satisfies it. */
  respond(requestLink: string, options?: RespondOptions): Promise<WalletAnswer>
  /** Answers a presentation request with `access_denied`. */
  refuse(requestLink: string): Promise<WalletAnswer>
  /** The pseudonyms that the credentials with this label carry for an audience. */
  pseudonymsFor(audience: string, label: string): string[]
}

export interface WalletOptions {
  /** What it holds from an earlier life; nothing when absent. */
  readonly held?: readonly HeldCredential[]
  /** How the wallet reaches others; node's own fetch when absent. */
  readonly fetch?: typeof fetch
  /** Plain http is allowed on loopback; nowhere else, ever. */
  readonly allowInsecureLoopback: boolean
  /** The certificate authority under which issuers and verifiers have to be certified. */
  readonly trustedCaPem: string
}

export function createWallet({
  held = [],
  fetch: send = fetch,
  allowInsecureLoopback,
  trustedCaPem,
}: WalletOptions): Wallet {
  setGlobalConfig({ allowInsecureUrls: allowInsecureLoopback })
  const surroundings = { ca: new X509Certificate(trustedCaPem), fetch: guardedFetch(send, allowInsecureLoopback) }
  const credentials: HeldCredential[] = [...held]
  return {
    credentials,
    redeemOffer: async (offerLink, options) => {
      const fetched = await redeemOffer(surroundings, offerLink, options)
      credentials.push(...fetched)
      return fetched
    },
    respond: (requestLink, options = {}) => respond(surroundings, credentials, requestLink, options),
    refuse: (requestLink) => refuse(surroundings, requestLink),
    pseudonymsFor: (audience, label) => {
      const labelled = credentials.filter((held) => held.label === label)
      const found = labelled.map((held) => held.claims['pseudonyms'] as Record<string, string> | undefined)
      return [...new Set(found.flatMap((pseudonyms) => pseudonyms?.[audience] ?? []))]
    },
  }
}
