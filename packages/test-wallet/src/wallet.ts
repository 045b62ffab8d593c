import type { HeldCredential } from './held-credential.ts'
import { type RedeemOptions, redeemOffer } from './redeem-offer.ts'
import { type RespondOptions, refuse, respond, type WalletAnswer } from './respond.ts'
import { openSurroundings, type SurroundingsOptions } from './surroundings.ts'

/** A wallet without a screen. It keeps everything in memory and uses each copy of a credential once, while there is a fresh one. */
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

export interface WalletOptions extends SurroundingsOptions {
  /** What it holds from an earlier life; nothing when absent. */
  readonly held?: readonly HeldCredential[]
}

/** A new wallet. Throws Error when the certificate of the trusted authority cannot be read. */
export function createWallet({ held = [], ...options }: WalletOptions): Wallet {
  const surroundings = openSurroundings(options)
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
