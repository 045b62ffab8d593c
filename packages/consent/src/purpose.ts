import { sha256Base64url } from '@samen/jwt-profile'
import { canonicalJson, defineShape } from '@samen/strict-json'
import { type Static, Type } from 'typebox'
import { FACTS, type FactName } from './facts.ts'
import { MARK_APP_VENDOR } from './trust-marks.ts'
import { bothLanguages, CalendarDate, Duration, isCalendarDate, malformed, RandomId } from './wire-text.ts'

/** app → registry: who asks for what, why, on which legal basis and for how long. Never changed, only followed by a new version. */
export const PURPOSE_MESSAGE = { typ: 'samen-purpose+jwt', trustMark: MARK_APP_VENDOR } as const

const FactNames = Type.Union((Object.keys(FACTS) as FactName[]).map((name) => Type.Literal(name)))

// No unknown members: the hash would cover text that no page shows.
const PurposeSchema = Type.Object(
  {
    id: RandomId,
    version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    title: bothLanguages(120),
    why: bothLanguages(600),
    claims: Type.Array(Type.Object({ fact: FactNames, why: bothLanguages(300) }, { additionalProperties: false }), {
      minItems: 1,
      maxItems: Object.keys(FACTS).length,
    }),
    legal_basis: Type.Union([Type.Literal('consent'), Type.Literal('public_task')]),
    retention: Duration,
    valid_until: CalendarDate,
  },
  { additionalProperties: false },
)

export type Purpose = Omit<Static<typeof PurposeSchema>, 'claims'> & {
  claims: { fact: FactName; why: { nl: string; en: string } }[]
}

const shape = defineShape(PurposeSchema)

/**
 * Checks the `purpose` member of a message or of a published document.
 * Throws ProtocolError 400 `invalid_request` naming the member that is wrong, never its value.
 */
export function readPurpose(value: unknown): Purpose {
  const purpose = shape.read(value, (path) => malformed(`purpose${path}`)) as Purpose
  if (!isCalendarDate(purpose.valid_until)) throw malformed('purpose/valid_until')
  // A fact named twice could carry two reasons, of which a page shows one.
  if (new Set(purpose.claims.map((claim) => claim.fact)).size !== purpose.claims.length)
    throw malformed('purpose/claims')
  return purpose
}

/** Base64url SHA-256 of the purpose in canonical form (JCS#section-3.2): what a school agrees to and a guardian signs. */
export function purposeHash(purpose: Purpose): string {
  return sha256Base64url(canonicalJson(purpose))
}
