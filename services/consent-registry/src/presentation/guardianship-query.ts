import { type Decision, type DecisionWord, VCT_GUARDIANSHIP } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { DcqlQuery, PresentedCredential } from '@samen/openid4vp'
import type { JsonValue } from '@samen/strict-json'

const QUERY_ID = 'guardianship'
const AUTHORITIES = ['joint', 'sole', 'voogd', 'institution'] as const
const MOST_CO_HOLDERS = 20

/** What a guardian proves when deciding. Pseudonyms are base64url. What stands with `not-asked` is asked of who says yes only. */
export type Guardian = {
  readonly school: string
  readonly ward: string
  readonly person: string
  readonly wardForApp: string | 'not-asked'
  /** everyone with authority, this person included */
  readonly holders: number | 'not-asked'
  /** YYYY-MM-DD, the last day on which a guardian of this pupil says yes */
  readonly decideUntil: string | 'not-asked'
}

/**
 * The least that a decision needs: authority, and two pseudonyms that are of no use elsewhere. A yes needs three things more. How many
 * share the authority, since each of them has to say it. The pseudonym for the app, to which the consent is bound: a credential that is
 * older than the school's agreement with that app has none, and must be good enough to take away with. And, as from sixteen a pupil
 * decides, the day until which the guardians do. It bounds who may say yes and not how long the yes holds: what was given
 * with authority stays given, and an earlier last day would tell the app in which month the child turns sixteen. To take away (no,
 * withdraw) needs no such day, since nobody but the guardians could.
 */
export function decisionQuery(registry: string, app: string, word: DecisionWord): DcqlQuery {
  const ifYes = (...paths: string[][]) => (word === 'yes' ? paths : [])
  return guardianshipQuery([
    ['authority'],
    ...ifYes(['co_holder_count'], ['decide_until']),
    ['pseudonyms', registry],
    ...ifYes(['pseudonyms', app]),
    ['holder_pseudonyms', registry],
  ])
}

/** To look back, only which child it is about: guardians may do so until the pupil is of age, which is as long as they have a credential. */
export function recordQuery(registry: string): DcqlQuery {
  return guardianshipQuery([['authority'], ['pseudonyms', registry]])
}

/** Reads the answer to `decisionQuery`. Throws ProtocolError 400 when a claim has not the agreed form. */
export function readGuardian(
  presented: Record<string, PresentedCredential>,
  { registry, app, decision }: Pick<Decision, 'registry' | 'app' | 'decision'>,
): Guardian {
  const { issuer, claims } = theOne(presented)
  assertAuthority(claims['authority'])
  const isYes = decision === 'yes'
  return {
    school: issuer,
    ward: pseudonymIn(claims['pseudonyms'], registry),
    person: pseudonymIn(claims['holder_pseudonyms'], registry),
    wardForApp: isYes ? pseudonymIn(claims['pseudonyms'], app) : 'not-asked',
    holders: isYes ? 1 + othersIn(claims['co_holder_count']) : 'not-asked',
    decideUntil: isYes ? dayIn(claims['decide_until']) : 'not-asked',
  }
}

/** Reads the answer to `recordQuery`. Throws ProtocolError 400. */
export function readWard(
  presented: Record<string, PresentedCredential>,
  registry: string,
): { school: string; ward: string } {
  const { issuer, claims } = theOne(presented)
  assertAuthority(claims['authority'])
  return { school: issuer, ward: pseudonymIn(claims['pseudonyms'], registry) }
}

/** What the school signed and what the holder signed. The disclosures between them are needed by nobody again. */
export type SignedParts = { readonly issuerJwt: string; readonly keyBindingJwt: string }

/** The presentation as the wallet sent it, taken apart for the evidence. */
export function signedParts(vpToken: { [id: string]: JsonValue }): SignedParts {
  const entry = vpToken[QUERY_ID]
  const text = Array.isArray(entry) && typeof entry[0] === 'string' ? entry[0] : ''
  const parts = text.split('~')
  return { issuerJwt: parts[0] ?? '', keyBindingJwt: parts.at(-1) ?? '' }
}

function guardianshipQuery(paths: string[][]): DcqlQuery {
  return {
    credentials: [
      {
        id: QUERY_ID,
        format: 'dc+sd-jwt',
        meta: { vct_values: [VCT_GUARDIANSHIP] },
        claims: paths.map((path) => ({ path })),
      },
    ],
  }
}

function theOne(presented: Record<string, PresentedCredential>): PresentedCredential {
  const credential = presented[QUERY_ID]
  if (credential === undefined) throw unusable()
  return credential
}

function assertAuthority(value: JsonValue | undefined): void {
  if (!AUTHORITIES.some((authority) => authority === value)) throw unusable()
}

function othersIn(value: JsonValue | undefined): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MOST_CO_HOLDERS) throw unusable()
  return value
}

function dayIn(value: JsonValue | undefined): string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) throw unusable()
  return value
}

function pseudonymIn(value: JsonValue | undefined, audience: string): string {
  const members = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
  const pseudonym = Object.hasOwn(members, audience) ? members[audience] : undefined
  if (typeof pseudonym !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(pseudonym)) throw unusable()
  return pseudonym
}

function unusable(): ProtocolError {
  return new ProtocolError(400, 'invalid_request', 'the presentation does not show authority over a pupil')
}
