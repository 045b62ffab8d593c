import { timingSafeEqual } from 'node:crypto'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'

export const TX_CODE_LENGTH = 6

/**
 * What opens an offer. Only the reference is random: it stands in the URL that the wallet fetches. The code follows from
 * it under the key outside the database, so that neither has to be stored to be shown again: the database holds hashes. Its last bytes
 * prove that it is ours.
 */
export interface OfferSecrets {
  /** the last part of the offer's URL, 22 characters */
  readonly reference: string
  readonly preAuthorizedCode: string
}

/** Secrets of a new offer. VCI#credential-offer-parameters: the code is unguessable and for this offer alone. */
export function newOfferSecrets(deps: Pick<Deps, 'keyring' | 'random'>, school: Pick<School, 'slug'>): OfferSecrets {
  return secretsOf(deps, school, deps.random(16).toString('base64url'))
}

/** The secrets that belong to a reference, whether or not there is such an offer. */
export function secretsOf(deps: Pick<Deps, 'keyring'>, school: Pick<School, 'slug'>, reference: string): OfferSecrets {
  const secret = deps.keyring.mac('issuer/pre-authorized-code', school.slug, reference)
  const code = Buffer.concat([secret, proofOf(deps, school, secret)])
  return { reference, preAuthorizedCode: code.toString('base64url') }
}

const SECRET_BYTES = 32
const PROOF_BYTES = 16

/**
 * True for a code that this school has handed out, whether or not its offer still stands; only the database knows that. Whoever makes up
 * codes is told apart by it before anything is counted: a flood of them would use up what the families of the school may ask for.
 */
export function isOurCode(deps: Pick<Deps, 'keyring'>, school: Pick<School, 'slug'>, code: string): boolean {
  const bytes = Buffer.from(code, 'base64url')
  // Decoding is lenient, and one code written in many ways would be counted as many.
  if (bytes.length !== SECRET_BYTES + PROOF_BYTES || bytes.toString('base64url') !== code) return false
  const secret = bytes.subarray(0, SECRET_BYTES)
  return timingSafeEqual(proofOf(deps, school, secret), bytes.subarray(SECRET_BYTES))
}

function proofOf(deps: Pick<Deps, 'keyring'>, school: Pick<School, 'slug'>, secret: Buffer): Buffer {
  const mac = deps.keyring.mac('issuer/pre-authorized-code-proof', school.slug, secret.toString('base64url'))
  return mac.subarray(0, PROOF_BYTES)
}

/** Six digits, each value equally likely. */
export function newTxCode(random: Deps['random']): string {
  const values = 10 ** TX_CODE_LENGTH
  const fair = Math.floor(2 ** 32 / values) * values
  for (;;) {
    const drawn = random(4).readUInt32BE()
    // The values at the end of the range would make the first codes a little likelier.
    if (drawn < fair) return String(drawn % values).padStart(TX_CODE_LENGTH, '0')
  }
}

/**
 * What is stored of a transaction code: a keyed hash, since there are only a million of them; bound to its offer's code, so
 * that equal codes of two offers do not look alike.
 */
export function txCodeMac(
  deps: Pick<Deps, 'keyring'>,
  school: Pick<School, 'slug'>,
  preAuthorizedCode: string,
  txCode: string,
): Buffer {
  return deps.keyring.mac('issuer/tx-code', school.slug, preAuthorizedCode, txCode)
}
