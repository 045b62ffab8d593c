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

/** Checks a published purpose and recomputes its hash. Throws ProtocolError 400 `invalid_request`. */
export function readPublishedPurpose(value: unknown): PublishedPurpose {
  const published = shape.read(value, (path) => malformed(`published${path}`))
  const purpose = readPurpose(published.purpose)
  if (purposeHash(purpose) !== published.purpose_hash) throw malformed('published/purpose_hash')
  return { ...published, purpose }
}
