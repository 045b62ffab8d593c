import { type Claim, type ClaimsRoot, childrenOf, elementsOf, membersOf } from '@samen/sd-jwt-vc'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { ClaimsQuery } from './dcql-query.ts'

type Path = ClaimsQuery['path']

/** A selected claim, with the claims that it lies in: what had to be shown to get there. */
export type Place = { readonly claim: Claim; readonly within: readonly Claim[] }

/** no array under this step, or no object: the pointer does not fit this credential */
const WRONG_CONTAINER = Symbol('wrong container')

/**
 * Follows a claims path pointer (VP#claims_path_pointer). Returns the places it selects, or undefined when it selects none
 * or meets the wrong kind of container. An index counts elements as the issuer signed them: a hidden one keeps its place.
 */
export function selectClaims(root: ClaimsRoot, path: Path): Place[] | undefined {
  let selected: Place[] = [{ claim: root, within: [] }]
  for (const step of path) {
    const next: Place[] = []
    for (const { claim, within } of selected) {
      const found = follow(claim, step)
      if (found === WRONG_CONTAINER) return undefined
      next.push(...found.map((inner) => ({ claim: inner, within: [...within, claim] })))
    }
    selected = next
  }
  return selected.length === 0 ? undefined : selected
}

/** As `selectClaims`, and every selected value is one of `values` when the query names any: exact type and value. */
export function satisfyClaim(root: ClaimsRoot, { path, values }: ClaimsQuery): Place[] | undefined {
  const places = selectClaims(root, path)
  if (places === undefined || values === undefined) return places
  const isAsked = ({ claim }: Place) => values.includes(claim.value as string | number | boolean)
  return places.every(isAsked) ? places : undefined
}

/**
 * The part of the credential that these paths select, nothing beside it: what a caller may keep. Object members keep their
 * names, of an array only the selected elements remain.
 */
export function pickClaims(root: ClaimsRoot, paths: readonly Path[]): JsonObject {
  const picked = paths.length === 0 ? undefined : pickAt(root, paths)
  return (picked ?? {}) as JsonObject
}

function follow(claim: Claim, step: Path[number]): readonly Claim[] | typeof WRONG_CONTAINER {
  const members = membersOf(claim)
  const elements = elementsOf(claim)
  if ((typeof step === 'string' ? members : elements) === undefined) return WRONG_CONTAINER
  if (step === null) return childrenOf(claim)
  const next = typeof step === 'string' ? members?.get(step) : elements?.[step]
  return next === undefined ? [] : [next]
}

function pickAt(claim: Claim, paths: readonly Path[]): JsonValue | undefined {
  if (paths.some((path) => path.length === 0)) return claim.value
  const members = membersOf(claim)
  if (members === undefined) return pickElements(elementsOf(claim) ?? [], paths)
  const picked: [string, JsonValue][] = []
  for (const [name, member] of members) {
    const value = pickNext(member, paths, (step) => step === name)
    if (value !== undefined) picked.push([name, value])
  }
  return picked.length === 0 ? undefined : Object.fromEntries(picked)
}

function pickElements(elements: readonly (Claim | undefined)[], paths: readonly Path[]): JsonValue | undefined {
  const picked = elements.flatMap((element, index) => {
    const value = element && pickNext(element, paths, (step) => step === null || step === index)
    return value === undefined ? [] : [value]
  })
  return picked.length === 0 ? undefined : picked
}

function pickNext(
  claim: Claim,
  paths: readonly Path[],
  takes: (step: Path[number] | undefined) => boolean,
): JsonValue | undefined {
  const onward = paths.filter((path) => takes(path[0])).map((path) => path.slice(1))
  return onward.length === 0 ? undefined : pickAt(claim, onward)
}
