import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { ClaimsQuery } from './dcql-query.ts'
import {
  type DisclosedCredential,
  digestsWithin,
  elementsOf,
  isObject,
  membersOf,
  type Place,
  plainValue,
} from './disclosed-claims.ts'

type Path = ClaimsQuery['path']
/** no array under this step, or no object: the pointer does not fit this credential */
const WRONG_CONTAINER = Symbol('wrong container')

/**
 * Follows a claims path pointer (VP#claims_path_pointer). Returns the places it selects, or undefined when it selects none
 * or meets the wrong kind of container. An index counts elements as the issuer signed them: a hidden one keeps its place.
 */
export function selectClaims(credential: DisclosedCredential, path: Path): Place[] | undefined {
  let selected: Place[] = [{ value: credential.payload, via: [] }]
  for (const step of path) {
    const next = selected.map((place) => follow(credential, place, step))
    if (next.includes(WRONG_CONTAINER)) return undefined
    selected = (next as Place[][]).flat()
  }
  return selected.length === 0 ? undefined : selected
}

/** As `selectClaims`, and every selected value is one of `values` when the query names any: exact type and value. */
export function satisfyClaim(credential: DisclosedCredential, claim: ClaimsQuery): Place[] | undefined {
  const places = selectClaims(credential, claim.path)
  const { values } = claim
  if (places === undefined || values === undefined) return places
  return places.every(({ value }) => values.includes(value as string | number | boolean)) ? places : undefined
}

/** The disclosures that had to be sent to show these places, and those inside them. */
export function neededDigests(credential: DisclosedCredential, places: readonly Place[]): string[] {
  return places.flatMap((place) => digestsWithin(credential, place))
}

/**
 * The part of the credential that these paths select, nothing beside it: what a caller may keep. Object members keep their
 * names, of an array only the selected elements remain.
 */
export function pickClaims(credential: DisclosedCredential, paths: readonly Path[]): JsonObject {
  const picked = pickAt(credential, { value: credential.payload, via: [] }, paths)
  return isObject(picked) ? picked : {}
}

function follow(credential: DisclosedCredential, place: Place, step: Path[number]): Place[] | typeof WRONG_CONTAINER {
  if (typeof step === 'string') {
    if (!isObject(place.value)) return WRONG_CONTAINER
    const member = membersOf(credential, place).get(step)
    return member ? [member] : []
  }
  if (!Array.isArray(place.value)) return WRONG_CONTAINER
  const elements = elementsOf(credential, place)
  return (step === null ? elements : [elements[step]]).filter((element) => element !== undefined)
}

function pickAt(credential: DisclosedCredential, place: Place, paths: readonly Path[]): JsonValue | undefined {
  if (paths.some((path) => path.length === 0)) return plainValue(credential, place)
  if (Array.isArray(place.value)) return pickElements(credential, place, paths)
  if (!isObject(place.value)) return undefined
  const picked: [string, JsonValue][] = []
  for (const [name, member] of membersOf(credential, place)) {
    const value = pickNext(credential, member, paths, (step) => step === name)
    if (value !== undefined) picked.push([name, value])
  }
  return picked.length === 0 ? undefined : Object.fromEntries(picked)
}

function pickElements(credential: DisclosedCredential, place: Place, paths: readonly Path[]): JsonValue | undefined {
  const picked = elementsOf(credential, place).flatMap((element, index) => {
    const value = element && pickNext(credential, element, paths, (step) => step === null || step === index)
    return value === undefined ? [] : [value]
  })
  return picked.length === 0 ? undefined : picked
}

function pickNext(
  credential: DisclosedCredential,
  place: Place,
  paths: readonly Path[],
  takes: (step: Path[number] | undefined) => boolean,
): JsonValue | undefined {
  const onward = paths.filter((path) => takes(path[0])).map((path) => path.slice(1))
  return onward.length === 0 ? undefined : pickAt(credential, place, onward)
}
