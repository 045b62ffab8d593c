import { sha256Base64url } from '@samen/jwt-profile'
import { type JsonObject, type JsonValue, parseJson } from '@samen/strict-json'

/**
 * A presented credential as it was sent: the signed payload with its digests, and the disclosures by digest. `verifySdJwtVc`
 * has proven before that each disclosure is referenced once and well formed; here we ask which ones a query reaches, so that
 * a claim that nobody asked for can be told from one that cannot be hidden.
 */
export type DisclosedCredential = {
  readonly payload: JsonObject
  readonly disclosures: ReadonlyMap<string, { readonly name: string | undefined; readonly value: JsonValue }>
}

/** A place in the credential and the digests of the disclosures that had to be opened to get there. */
export type Place = { readonly value: JsonValue; readonly via: readonly string[] }

const MAX_DISCLOSURE_BYTES = 65_536
const NOT_CLAIMS = new Set(['_sd', '_sd_alg', '...'])

/** `payload` is the verified payload, `disclosures` the texts between the tildes. SHA-256 only, SDJ#section-4.1.1. */
export function disclosedCredential(payload: JsonObject, disclosures: readonly string[]): DisclosedCredential {
  return { payload, disclosures: new Map(disclosures.map((text) => [sha256Base64url(text), readDisclosure(text)])) }
}

/** The members of an object that are visible or disclosed, SDJ#section-4.2.1. */
export function membersOf(credential: DisclosedCredential, place: Place): Map<string, Place> {
  const object = place.value as JsonObject
  const members = new Map<string, Place>()
  for (const [name, value] of Object.entries(object)) {
    if (!NOT_CLAIMS.has(name)) members.set(name, { value, via: place.via })
  }
  const digests = Array.isArray(object['_sd']) ? object['_sd'] : []
  for (const digest of digests) {
    const disclosure = credential.disclosures.get(String(digest))
    if (disclosure?.name === undefined) continue
    members.set(disclosure.name, { value: disclosure.value, via: [...place.via, String(digest)] })
  }
  return members
}

/** The elements of an array in place, `undefined` where one stays hidden, SDJ#section-4.2.2. */
export function elementsOf(credential: DisclosedCredential, place: Place): (Place | undefined)[] {
  return (place.value as JsonValue[]).map((value) => {
    const digest = isObject(value) && Object.keys(value).length === 1 ? value['...'] : undefined
    if (typeof digest !== 'string') return { value, via: place.via }
    const disclosure = credential.disclosures.get(digest)
    return disclosure && { value: disclosure.value, via: [...place.via, digest] }
  })
}

/** All disclosures that lie inside a place, its own way in included. */
export function digestsWithin(credential: DisclosedCredential, place: Place): string[] {
  const inner = childrenOf(credential, place).flatMap((child) => digestsWithin(credential, child))
  return [...place.via, ...inner]
}

/** The value of a place with every disclosed claim put in and every digest taken out, SDJ#section-7.1. */
export function plainValue(credential: DisclosedCredential, place: Place): JsonValue {
  if (Array.isArray(place.value)) {
    return elementsOf(credential, place).flatMap((element) => (element ? [plainValue(credential, element)] : []))
  }
  if (!isObject(place.value)) return place.value
  const members = [...membersOf(credential, place)]
  return Object.fromEntries(members.map(([name, member]) => [name, plainValue(credential, member)]))
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function childrenOf(credential: DisclosedCredential, place: Place): Place[] {
  if (Array.isArray(place.value)) return elementsOf(credential, place).filter((element) => element !== undefined)
  return isObject(place.value) ? [...membersOf(credential, place).values()] : []
}

function readDisclosure(text: string): { name: string | undefined; value: JsonValue } {
  const parts = parseJson(Buffer.from(text, 'base64url').toString('utf8'), {
    maxBytes: MAX_DISCLOSURE_BYTES,
  }) as JsonValue[]
  return parts.length === 3
    ? { name: parts[1] as string, value: parts[2] ?? null }
    : { name: undefined, value: parts[1] ?? null }
}
