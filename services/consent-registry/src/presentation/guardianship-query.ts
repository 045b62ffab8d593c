import { type Decision, type DecisionWord, VCT_GUARDIANSHIP } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { DcqlQuery, PresentedCredential } from '@samen/openid4vp'
import type { JsonValue } from '@samen/strict-json'

const QUERY_ID = 'guardianship'
const AUTHORITIES = ['joint', 'sole', 'voogd', 'institution'] as const
const MOST_CO_HOLDERS = 20

/** What a guardian proves when deciding. Pseudonyms are base64url; `holders` counts everyone with authority, this person included. */
export type Guardian = {
  readonly school: string
  readonly ward: string
  readonly wardForApp: string
  readonly person: string
  readonly holders: number
  /** YYYY-MM-DD, the last day on which a guardian of this pupil says yes; only who says yes is asked for it */
  readonly decideUntil: string | 'not-asked'
}

/**
 * The least that a decision needs: authority, how many share it, and three pseudonyms, none of them usable elsewhere. From sixteen a pupil
 * decides, so a yes needs the day until which the guardians do. It bounds who may say yes and not how long the yes holds: what was given
 * with authority stays given, and an earlier last day would tell the app in which month the child turns sixteen. To take away (no,
 * withdraw) needs no such day, since nobody but the guardians could.
 */
export function decisionQuery(registry: string, app: string, word: DecisionWord): DcqlQuery {
  return guardianshipQuery([
    ['authority'],
    ['co_holder_count'],
    ...(word === 'yes' ? [['decide_until']] : []),
    ['pseudonyms', registry],
    ['pseudonyms', app],
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
  const others = claims['co_holder_count']
  if (typeof others !== 'number' || !Number.isInteger(others) || others < 0 || others > MOST_CO_HOLDERS)
    throw unusable()
  return {
    school: issuer,
    ward: pseudonymIn(claims['pseudonyms'], registry),
    wardForApp: pseudonymIn(claims['pseudonyms'], app),
    person: pseudonymIn(claims['holder_pseudonyms'], registry),
    holders: others + 1,
    decideUntil: decision === 'yes' ? dayIn(claims['decide_until']) : 'not-asked',
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
