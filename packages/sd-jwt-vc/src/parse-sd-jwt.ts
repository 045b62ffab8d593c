import { SdJwtError } from './sd-jwt-error.ts'

/** How much of a credential is read at all. */
export type SdJwtLimits = { readonly maxBytes: number; readonly maxDisclosures: number }

/** What the verifying functions of this package read. A school's credential with ten apps is about 8 kB. */
export const SD_JWT_LIMITS: SdJwtLimits = { maxBytes: 65_536, maxDisclosures: 256 }

/** An SD-JWT taken apart. Nothing in it is proven. */
export type ParsedSdJwt = {
  readonly issuerJwt: string
  readonly disclosures: readonly string[]
  /** The last part of an SD-JWT+KB; undefined for an SD-JWT, which ends with a tilde. */
  readonly keyBindingJwt: string | undefined
  /** What `sd_hash` is taken over: everything up to and with the last tilde. SDJ#section-4.3.1 */
  readonly boundText: string
}

const FOREIGN_CHARACTER = /[^A-Za-z0-9_.~-]/

/**
 * Takes the compact form apart. SDJ#section-4
 *
 * In: the text and the limits. Out: its parts, unverified. Throws `SdJwtError`: `too_large`, `too_many_disclosures`,
 * `json_serialization` (optional in SDJ#section-8, not taken here), `not_an_sd_jwt` for anything else that is not exactly the form:
 * empty parts, padding, white space, a missing last tilde.
 */
export function parseSdJwt(text: string, limits: SdJwtLimits): ParsedSdJwt {
  if (text.length > limits.maxBytes) throw new SdJwtError('too_large')
  if (text.startsWith('{')) throw new SdJwtError('json_serialization')
  const parts = text.split('~', limits.maxDisclosures + 3)
  if (parts.length < 2) throw new SdJwtError('not_an_sd_jwt')
  if (parts.length > limits.maxDisclosures + 2) throw new SdJwtError('too_many_disclosures')
  const issuerJwt = parts[0] as string
  const last = parts.at(-1) as string
  const disclosures = parts.slice(1, -1)
  const wellFormed = isJwt(issuerJwt) && (last === '' || isJwt(last)) && disclosures.every(isDisclosure)
  if (!wellFormed || FOREIGN_CHARACTER.test(text)) throw new SdJwtError('not_an_sd_jwt')
  return {
    issuerJwt,
    disclosures,
    keyBindingJwt: last === '' ? undefined : last,
    boundText: text.slice(0, text.length - last.length),
  }
}

function isJwt(part: string): boolean {
  const segments = part.split('.', 4)
  return segments.length === 3 && !segments.includes('')
}

const isDisclosure = (part: string): boolean => part !== '' && !part.includes('.')
