import type { Wallet } from '@samen/test-wallet'

/** The two guardians, each with a wallet of their own, and the consent they decide on in this run. */
export interface Family {
  first: Wallet | null
  second: Wallet | null
  consent: ConsentRequest | null
  /** the record that the guardian kept before the withdrawal, and how long the log was then */
  keptRecord: { readonly file: string; readonly size: number } | null
}

/** A question about one child: its handle, and the page where guardians decide. */
export interface ConsentRequest {
  readonly handle: string
  readonly pageUrl: string
}

/** A family at the beginning of the story: it has nothing yet. */
export function newFamily(): Family {
  return { first: null, second: null, consent: null, keptRecord: null }
}

/** Reads a part of the family that an earlier step must have filled in. */
export function need<Part>(part: Part | null, what: string): Part {
  if (part === null) throw new Error(`the story has no ${what} yet`)
  return part
}
