import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { Claim, ClaimsRoot } from './claim.ts'
import { isProtectedClaim, isReservedName } from './claim-names.ts'
import type { Disclosure } from './disclosure.ts'
import { SdJwtError } from './sd-jwt-error.ts'

/** As deep as strict JSON goes; disclosures inside disclosures must not lead further. */
const MAX_DEPTH = 32

/**
 * Puts the disclosures into their places, steps 3 to 5 of SDJ#section-7.1, with the protected claims of SVC#claims.
 *
 * In: the payload of the issuer's JWT and the disclosures as received. Out: the processed payload. Throws `SdJwtError`: the whole is
 * refused when any digest appears twice, any disclosure has no place, or any claim would hide or replace another.
 */
export function processDisclosures(payload: JsonObject, disclosures: ReadonlyMap<string, Disclosure>): ClaimsRoot {
  if (Object.hasOwn(payload, '_sd_alg') && payload['_sd_alg'] !== 'sha-256') {
    throw new SdJwtError('unknown_hash_algorithm')
  }
  const walk: Walk = { disclosures, seenDigests: new Set(), placed: 0 }
  const root = expandObject(payload, undefined, ROOT, walk)
  if (walk.placed !== disclosures.size) throw new SdJwtError('unreferenced_disclosure')
  return root
}

type Walk = {
  readonly disclosures: ReadonlyMap<string, Disclosure>
  readonly seenDigests: Set<string>
  placed: number
}

/** How deep a value lies, and whether that is inside a claim which may not be hidden. */
type Place = { readonly depth: number; readonly isProtected: boolean }

const ROOT: Place = { depth: 0, isProtected: false }

function expand(value: JsonValue, disclosure: Disclosure | undefined, place: Place, walk: Walk): Claim {
  if (typeof value !== 'object' || value === null) return { value, disclosure, inside: undefined }
  if (place.depth >= MAX_DEPTH) throw new SdJwtError('too_deep')
  return Array.isArray(value)
    ? expandArray(value, disclosure, place, walk)
    : expandObject(value, disclosure, place, walk)
}

function expandObject(source: JsonObject, disclosure: Disclosure | undefined, place: Place, walk: Walk): ClaimsRoot {
  const value: JsonObject = {}
  const inside = new Map<string, Claim>()
  const put = (name: string, shown: JsonValue, by: Disclosure | undefined) => {
    const isProtected = place.depth === 0 ? isProtectedClaim(name) : place.isProtected
    const claim = expand(shown, by, { depth: place.depth + 1, isProtected }, walk)
    value[name] = claim.value
    inside.set(name, claim)
  }
  for (const name of Object.keys(source)) {
    if (name === '_sd' || (name === '_sd_alg' && place.depth === 0)) continue
    // SDJ#section-4.1.1: a second hash algorithm further down would let one digest be read in two ways.
    if (isReservedName(name)) throw new SdJwtError('reserved_claim_name')
    put(name, source[name] as JsonValue, undefined)
  }
  for (const found of disclosedMembers(source['_sd'], place, walk)) {
    if (inside.has(found.name)) throw new SdJwtError('claim_already_present')
    put(found.name, found.value, found)
  }
  return { value, disclosure, inside }
}

type DisclosedMember = Disclosure & { readonly name: string }

/** SDJ#section-7.1 step 3.3.2. */
function disclosedMembers(digests: JsonValue | undefined, place: Place, walk: Walk): DisclosedMember[] {
  if (digests === undefined) return []
  assertMayHide(place)
  if (!Array.isArray(digests)) throw new SdJwtError('malformed_digest')
  return digests.flatMap((digest) => {
    const found = findDisclosure(digest, walk)
    if (found === undefined) return []
    const { name } = found
    if (name === undefined) throw new SdJwtError('malformed_disclosure')
    if (isReservedName(name)) throw new SdJwtError('reserved_claim_name')
    // A disclosure chosen by the holder must not become the issuer, the expiry or the key of the credential.
    if (place.depth === 0 && isProtectedClaim(name)) throw new SdJwtError('protected_claim')
    return [found as DisclosedMember]
  })
}

/** SDJ#section-7.1 steps 3.3.3 and 3.4: an element that stays hidden leaves no trace in the value. */
function expandArray(
  source: readonly JsonValue[],
  disclosure: Disclosure | undefined,
  place: Place,
  walk: Walk,
): Claim {
  const within = { depth: place.depth + 1, isProtected: place.isProtected }
  const inside = source.map((element) => {
    if (!isHiddenElement(element)) return expand(element, undefined, within, walk)
    assertMayHide(place)
    const found = findDisclosure(element['...'], walk)
    if (found !== undefined && found.name !== undefined) throw new SdJwtError('malformed_disclosure')
    return found && expand(found.value, found, within, walk)
  })
  return { value: inside.flatMap((element) => (element ? [element.value] : [])), disclosure, inside }
}

/** SDJ#section-4.2.4.2: the only member; beside others it would be a claim name that is not allowed. */
function isHiddenElement(element: JsonValue): element is { '...': JsonValue } {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return false
  return Object.hasOwn(element, '...') && Object.keys(element).length === 1
}

/** SDJ#section-7.1 step 4: a digest met twice would let one disclosure stand in two places. A digest that fits nothing is a decoy. */
function findDisclosure(digest: JsonValue, walk: Walk): Disclosure | undefined {
  if (typeof digest !== 'string') throw new SdJwtError('malformed_digest')
  if (walk.seenDigests.has(digest)) throw new SdJwtError('duplicate_digest')
  walk.seenDigests.add(digest)
  const found = walk.disclosures.get(digest)
  if (found !== undefined) walk.placed += 1
  return found
}

function assertMayHide({ isProtected }: Place): void {
  if (isProtected) throw new SdJwtError('protected_claim')
}
