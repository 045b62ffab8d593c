import { canonicalJson, type JsonObject } from '@samen/strict-json'

/**
 * The members of `made` that we asked for, once each is what we asked for: what is signed is what we meant, whatever a library adds.
 * Throws Error when it changed or dropped one; then no request is made at all.
 */
export function keepAsked(made: JsonObject, asked: JsonObject): JsonObject {
  const names = Object.keys(asked).filter((name) => Object.hasOwn(made, name))
  const kept = Object.fromEntries(names.map((name) => [name, made[name]])) as JsonObject
  if (canonicalJson(kept) !== canonicalJson(asked)) throw new Error('the request was changed while it was laid out')
  return kept
}
