import { sha256Base64url } from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import { isProtectedClaim, isReservedName } from './claim-names.ts'
import { type DisclosureContent, readDisclosure } from './disclosure.ts'
import { SdJwtError } from './sd-jwt-error.ts'

/** Where a claim stands: member names, and indices of the arrays as processed. */
export type ClaimPath = readonly (string | number)[]

/** A claim that was hidden, and the text that disclosed it. */
export type DisclosedClaim = { readonly path: ClaimPath; readonly disclosure: string }

/** The payload with its disclosed claims in their places and nothing left of the format's own members. */
export type ProcessedPayload = { readonly claims: JsonObject; readonly disclosed: readonly DisclosedClaim[] }

/** As deep as strict JSON goes; disclosures inside disclosures must not lead further. */
const MAX_DEPTH = 32

/**
 * Puts the disclosures into their places, steps 3 to 5 of SDJ#section-7.1, with the protected claims of SVC#claims.
 *
 * In: the payload of the issuer's JWT and the disclosures as received. Out: the processed payload. Throws `SdJwtError`: the whole is
 * refused when any digest appears twice, any disclosure has no place or is sent twice, or any claim would hide or replace another.
 */
export function processDisclosures(payload: JsonObject, disclosures: readonly string[]): ProcessedPayload {
  if (Object.hasOwn(payload, '_sd_alg') && payload['_sd_alg'] !== 'sha-256') {
    throw new SdJwtError('unknown_hash_algorithm')
  }
  const walk: Walk = { byDigest: new Map(), seenDigests: new Set(), disclosed: [] }
  for (const text of disclosures) {
    const digest = sha256Base64url(text)
    if (walk.byDigest.has(digest)) throw new SdJwtError('duplicate_disclosure')
    walk.byDigest.set(digest, text)
  }
  const claims = expandObject(payload, [], walk)
  if (walk.disclosed.length !== disclosures.length) throw new SdJwtError('unreferenced_disclosure')
  return { claims, disclosed: walk.disclosed }
}

type Walk = {
  readonly byDigest: Map<string, string>
  readonly seenDigests: Set<string>
  readonly disclosed: DisclosedClaim[]
}

function expand(value: JsonValue, path: ClaimPath, step: string | number, walk: Walk): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (path.length + 1 >= MAX_DEPTH) throw new SdJwtError('too_deep')
  const place = [...path, step]
  return Array.isArray(value) ? expandArray(value, place, walk) : expandObject(value, place, walk)
}

function expandObject(source: JsonObject, path: ClaimPath, walk: Walk): JsonObject {
  const claims: JsonObject = {}
  for (const name of Object.keys(source)) {
    if (name === '_sd' || (name === '_sd_alg' && path.length === 0)) continue
    // SDJ#section-4.1.1: a second hash algorithm further down would let one digest be read in two ways.
    if (isReservedName(name)) throw new SdJwtError('reserved_claim_name')
    claims[name] = expand(source[name] as JsonValue, path, name, walk)
  }
  if (Object.hasOwn(source, '_sd')) insertDisclosed(claims, source['_sd'] as JsonValue, path, walk)
  return claims
}

/** SDJ#section-7.1 step 3.3.2. */
function insertDisclosed(claims: JsonObject, digests: JsonValue, path: ClaimPath, walk: Walk): void {
  assertMayHide(path)
  if (!Array.isArray(digests)) throw new SdJwtError('malformed_digest')
  for (const digest of digests) {
    const found = findDisclosure(digest, walk)
    if (found === undefined) continue
    const { name, value } = found.content
    if (name === undefined) throw new SdJwtError('malformed_disclosure')
    if (isReservedName(name)) throw new SdJwtError('reserved_claim_name')
    // A disclosure chosen by the holder must not become the issuer, the expiry or the key of the credential.
    if (path.length === 0 && isProtectedClaim(name)) throw new SdJwtError('protected_claim')
    if (Object.hasOwn(claims, name)) throw new SdJwtError('claim_already_present')
    walk.disclosed.push({ path: [...path, name], disclosure: found.text })
    claims[name] = expand(value, path, name, walk)
  }
}

/** SDJ#section-7.1 steps 3.3.3 and 3.4: an element that stays hidden leaves no trace in the array. */
function expandArray(source: readonly JsonValue[], path: ClaimPath, walk: Walk): JsonValue[] {
  const elements: JsonValue[] = []
  for (const element of source) {
    const step = elements.length
    if (!isHiddenElement(element)) {
      elements.push(expand(element, path, step, walk))
      continue
    }
    assertMayHide(path)
    const found = findDisclosure(element['...'], walk)
    if (found === undefined) continue
    if (found.content.name !== undefined) throw new SdJwtError('malformed_disclosure')
    walk.disclosed.push({ path: [...path, step], disclosure: found.text })
    elements.push(expand(found.content.value, path, step, walk))
  }
  return elements
}

/** SDJ#section-4.2.4.2: the only member; beside others it would be a claim name that is not allowed. */
function isHiddenElement(element: JsonValue): element is { '...': JsonValue } {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return false
  return Object.hasOwn(element, '...') && Object.keys(element).length === 1
}

/** SDJ#section-7.1 step 4: a digest met twice would let one disclosure stand in two places. A digest that fits nothing is a decoy. */
function findDisclosure(digest: JsonValue, walk: Walk): { text: string; content: DisclosureContent } | undefined {
  if (typeof digest !== 'string') throw new SdJwtError('malformed_digest')
  if (walk.seenDigests.has(digest)) throw new SdJwtError('duplicate_digest')
  walk.seenDigests.add(digest)
  const text = walk.byDigest.get(digest)
  return text === undefined ? undefined : { text, content: readDisclosure(text) }
}

function assertMayHide(path: ClaimPath): void {
  if (path.length > 0 && isProtectedClaim(String(path[0]))) throw new SdJwtError('protected_claim')
}
