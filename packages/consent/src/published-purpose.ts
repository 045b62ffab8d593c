import { defineShape } from '@samen/strict-json'
import { Type } from 'typebox'
import { type Purpose, purposeHash, readPurpose } from './purpose.ts'
import { EntityId, malformed, Sha256Text } from './wire-text.ts'

/** What a registry answers at a purpose's address when JSON is asked for. */
export type PublishedPurpose = {
  registry: string
  app: string
  app_name: string
  purpose: Purpose
  purpose_hash: string
}

const shape = defineShape(
  Type.Object({
    registry: EntityId,
    app: EntityId,
    app_name: Type.String({ minLength: 1, maxLength: 200 }),
    purpose: Type.Unknown(),
    purpose_hash: Sha256Text,
  }),
)

/** True when `value` is a published purpose whose hash is right. */
export function isPublishedPurpose(value: unknown): value is PublishedPurpose {
  try {
    readPublishedPurpose(value)
    return true
  } catch {
    return false
  }
}

/** Checks a published purpose and recomputes its hash. Throws ProtocolError 400 `invalid_request`. */
export function readPublishedPurpose(value: unknown): PublishedPurpose {
  const published = shape.read(value, (path) => malformed(`published${path}`))
  const purpose = readPurpose(published.purpose)
  if (purposeHash(purpose) !== published.purpose_hash) throw malformed('published/purpose_hash')
  return { ...published, purpose }
}

/** The address of one version of a purpose at its registry. */
export function purposeUri(registry: string, id: string, version: number): string {
  return `${registry}/purposes/${id}/${version}`
}

/** Takes a purpose's address apart. Throws ProtocolError 400 `invalid_request` when it is not one. */
export function splitPurposeUri(uri: string): { registry: string; id: string; version: number } {
  const found = /^(https?:\/\/[^\s?#]{1,400})\/purposes\/([A-Za-z0-9_-]{22})\/([1-9][0-9]{0,6})$/.exec(uri)
  if (!found) throw malformed('purpose_uri')
  const [, registry = '', id = '', version = ''] = found
  return { registry, id, version: Number(version) }
}
