import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { Disclosure } from './disclosure.ts'

/** A value of the processed payload, with how it came there: what was asked for can then be told from what was only sent. */
export type Claim = {
  /** With every disclosed claim in its place and nothing left of the format's own members. */
  readonly value: JsonValue
  /** By which it was shown; undefined when it stood in the open. */
  readonly disclosure: Disclosure | undefined
  /** Members by name, or elements as the issuer signed them: one that stays hidden is undefined and keeps its place. */
  readonly inside: ReadonlyMap<string, Claim> | readonly (Claim | undefined)[] | undefined
}

/** The whole payload. */
export type ClaimsRoot = Claim & { readonly value: JsonObject; readonly inside: ReadonlyMap<string, Claim> }

/** The members of an object, or undefined when the claim is none. */
export function membersOf({ inside }: Claim): ReadonlyMap<string, Claim> | undefined {
  return inside instanceof Map ? inside : undefined
}

/** The elements of an array as the issuer signed them, or undefined when the claim is none. */
export function elementsOf({ inside }: Claim): readonly (Claim | undefined)[] | undefined {
  return Array.isArray(inside) ? inside : undefined
}

/** The claims right inside this one that are visible or were disclosed. */
export function childrenOf({ inside }: Claim): Claim[] {
  return inside === undefined ? [] : [...inside.values()].filter((claim) => claim !== undefined)
}

/** The disclosure of this claim and those of all inside it. */
export function disclosuresWithin(claim: Claim): Disclosure[] {
  const own = claim.disclosure === undefined ? [] : [claim.disclosure]
  return [...own, ...childrenOf(claim).flatMap(disclosuresWithin)]
}
