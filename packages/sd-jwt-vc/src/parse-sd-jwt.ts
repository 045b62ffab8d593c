import { type DecodedJwt, decodeJwt, JwtError } from '@samen/jwt-profile'
import { type Disclosure, readDisclosure } from './disclosure.ts'
import { SdJwtError } from './sd-jwt-error.ts'

/** An SD-JWT taken apart, each part read once: whatever is verified of it later is what was read here. Nothing in it is proven. */
export type ParsedSdJwt = {
  readonly issuerJwt: DecodedJwt
  /** By digest. */
  readonly disclosures: ReadonlyMap<string, Disclosure>
  /** The last part of an SD-JWT+KB; undefined for an SD-JWT, which ends with a tilde. */
  readonly keyBindingJwt: DecodedJwt | undefined
  /** What `sd_hash` is taken over: everything up to and with the last tilde. SDJ#section-4.3.1 */
  readonly boundText: string
}

/** How much is read at all. A school's credential with ten apps is about 8 kB. */
const MAX_BYTES = 65_536
const MAX_DISCLOSURES = 256
/** Room for the claims of a key binding JWT, and not for a second credential. */
const MAX_KEY_BINDING_BYTES = 8_192

/**
 * Takes the compact form apart. SDJ#section-4
 *
 * In: the text. Out: its parts, unverified. Throws `SdJwtError`: `too_large`, `too_many_disclosures`, `json_serialization` (optional in
 * SDJ#section-8, not taken here), `not_an_sd_jwt` without a last tilde, and `malformed`, `malformed_disclosure`,
 * `key_binding_malformed` for a part that is not in the one spelling of its kind, so also for empty parts, padding and white space;
 * `duplicate_disclosure` for one that is sent twice.
 */
export function parseSdJwt(text: string): ParsedSdJwt {
  if (text.length > MAX_BYTES) throw new SdJwtError('too_large')
  if (text.startsWith('{')) throw new SdJwtError('json_serialization')
  const [issuerJwt, ...rest] = text.split('~', MAX_DISCLOSURES + 3)
  const last = rest.pop()
  if (issuerJwt === undefined || last === undefined) throw new SdJwtError('not_an_sd_jwt')
  if (rest.length > MAX_DISCLOSURES) throw new SdJwtError('too_many_disclosures')
  return {
    issuerJwt: decode(issuerJwt, MAX_BYTES, ''),
    disclosures: readDisclosures(rest),
    keyBindingJwt: last === '' ? undefined : decode(last, MAX_KEY_BINDING_BYTES, 'key_binding_'),
    boundText: text.slice(0, text.length - last.length),
  }
}

function decode(jwt: string, maxBytes: number, prefix: '' | 'key_binding_'): DecodedJwt {
  try {
    return decodeJwt(jwt, { maxBytes })
  } catch (cause) {
    if (cause instanceof JwtError) throw new SdJwtError(`${prefix}${cause.code}`, { cause })
    throw cause
  }
}

function readDisclosures(texts: readonly string[]): ReadonlyMap<string, Disclosure> {
  const disclosures = new Map<string, Disclosure>()
  for (const text of texts) {
    const disclosure = readDisclosure(text)
    if (disclosures.has(disclosure.digest)) throw new SdJwtError('duplicate_disclosure')
    disclosures.set(disclosure.digest, disclosure)
  }
  return disclosures
}
