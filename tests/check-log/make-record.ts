import { randomBytes } from 'node:crypto'
import { createCertificateAuthority, issueLeafCertificate } from '@samen/certificates'
import {
  type Decision,
  type DecisionEvidence,
  decisionNonce,
  evidenceHash,
  purposeHash,
  purposeUri,
  VCT_GUARDIANSHIP,
} from '@samen/consent'
import { generateSigningKey, type SigningKey, sha256Base64url, signJwt } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import {
  encodeProof,
  generateLogKey,
  leafCommitment,
  proveConsistency,
  proveInclusion,
  readTiles,
} from '@samen/transparency-log'
import { checkpointOf, commitment, fetchFrom, type Grown, grow } from '../../packages/transparency-log/test/grow-log.ts'

const REGISTRY = 'https://registry.example'
const APP = 'https://vendor.example/apps/sums'
const SCHOOL = 'https://board.example/schools/west'
const DAY = '2026-11-20T'
const HANDLE = 'AAAAAAAAAAAAAAAAAAAAAA'

export const key = generateLogKey('registry.example/log')
const authority = await createCertificateAuthority({ name: 'Test', now: new Date(`${DAY}00:00:00Z`), years: 5 })
/** The public file of the federation in which the school is a member. */
export const anchorFile = JSON.stringify({ ca: authority.certificatePem })
const schoolKey = await certified(SCHOOL)

/** Where the entries of the family stand: in two tiles, among those of others. */
export const PLACES = [3, 200, 255, 256, 299]

const purpose = {
  id: 'BBBBBBBBBBBBBBBBBBBBBB',
  version: 1,
  title: { nl: 'Rekenen', en: 'Sums' },
  why: { nl: 'Sommen kiezen.', en: 'To pick sums.' },
  claims: [{ fact: 'year_group', why: { nl: 'Niveau.', en: 'Level.' } }],
  legal_basis: 'consent',
  retention: 'P1Y',
  valid_until: '2099-07-31',
} as const

/** What a dishonest registry puts behind a decision before it logs it. */
export interface Forging {
  readonly signer?: SigningKey
  readonly signed?: Partial<Decision>
  readonly school?: SigningKey
  readonly signedAt?: Date
  readonly vct?: string
  /** what is forged, instead of the first yes */
  readonly nth?: number
  /** how long the credential was good before it was shown, for one that had run out */
  readonly lapsedDays?: number
}

/** A key that the federation certified for somebody. */
export async function certified(entityId: string): Promise<SigningKey> {
  const signingKey = generateSigningKey()
  const request = {
    subjectName: 'x',
    entityId,
    publicJwk: signingKey.publicJwk,
    now: new Date(`${DAY}00:00:00Z`),
    days: 90,
  }
  return { ...signingKey, x5c: [await issueLeafCertificate(authority, request)] }
}

/** A family that said yes twice, took it back, and got the receipt of the deletion; the first yes forged as told. */
export function makeFamily(forging: Forging = {}) {
  const at = (minute: number) => `${DAY}10:${String(minute).padStart(2, '0')}:00.000Z`
  const words = ['yes', 'yes', 'withdraw'] as const
  const decisions = words.map((decision, n) => ({
    decision,
    at: at(n + 1),
    evidence: decide(decision, new Date(at(n + 1)), n === (forging.nth ?? 0) ? forging : {}),
  }))
  const states = ['requested', 'given', 'withdrawn']
  const message = signJwt(generateSigningKey(), { typ: 'samen-deletion-receipt+jwt' }, { iss: APP })
  const events: JsonObject[] = [
    { type: 'consent-requested', purpose_id: purpose.id, purpose_version: 1, app: APP, school: SCHOOL, at: at(0) },
    ...decisions.map(({ decision, at, evidence }, n) => ({
      type: 'decision',
      decision,
      state: states[n] ?? '',
      purpose_id: purpose.id,
      purpose_version: 1,
      purpose_hash: purposeHash(purpose as never),
      evidence_hash: evidenceHash(evidence),
      ...(decision === 'withdraw' && { delete_by: '2026-12-20' }),
      at,
    })),
    { type: 'deletion-confirmed', app: APP, message_hash: sha256Base64url(message), at: at(5) },
  ]
  const { valid_until: _, ...shown } = purpose
  const consent = {
    handle: HANDLE,
    page_url: `${REGISTRY}/requests/${HANDLE}`,
    purpose: {
      ...shown,
      uri: purposeUri(REGISTRY, purpose.id, 1),
      hash: purposeHash(purpose as never),
      document: purpose,
    },
    app: { entity_id: APP },
    school: { entity_id: SCHOOL },
    state: 'withdrawn',
    requested_at: at(0),
    expires_at: '2026-12-04T10:00:00.000Z',
    until: '2027-07-31',
    given_at: at(2),
    decisions,
    withdrawal: { at: at(3), delete_by: '2026-12-20' },
    delete_by: '2026-12-20',
    deletion_receipt: { received_at: at(5), message },
    deletion_overdue_since: null,
  }
  return { consent, entries: events.map((event) => ({ event: { ...event, handle: HANDLE }, salt: randomBytes(16) })) }
}

export type Family = ReturnType<typeof makeFamily>

/** A log of so many entries, made in these batches, in which the family's stand at their places; `without` some of them. */
export function logOf({ entries }: Family, batches: readonly number[], without: readonly number[] = []): Grown {
  return grow(batches, (count, from = 0) =>
    Array.from({ length: count }, (_, i) => {
      const place = without.includes(from + i) ? -1 : PLACES.indexOf(from + i)
      const entry = entries[place]
      return entry === undefined ? commitment(from + i) : leafCommitment(entry.salt, entry.event)
    }),
  )
}

/** The record of the family under the head of a log; `since` is the size of an earlier head that it continues. */
export async function recordOf({ consent, entries }: Family, log: Grown, since?: number) {
  const tiles = readTiles(log.size, fetchFrom(log))
  const events = entries.map(async ({ event, salt }, n) => {
    const index = PLACES[n] ?? 0
    const { at } = event as unknown as { at: string }
    return {
      event,
      at,
      salt: salt.toString('base64url'),
      index,
      proof: encodeProof(await proveInclusion(tiles, index)),
    }
  })
  const consistency = since !== undefined && { from: since, proof: encodeProof(await proveConsistency(tiles, since)) }
  const checkpoint = checkpointOf(log, key)
  return {
    log: {
      url: `${REGISTRY}/log`,
      verifier_key: key.verifierKey,
      size: log.size,
      checkpoint,
      ...(consistency && { consistency }),
    },
    consents: [consent],
    events: await Promise.all(events),
  }
}

function decide(decision: Decision['decision'], at: Date, forging: Forging): DecisionEvidence {
  const holder = generateSigningKey()
  const salt = randomBytes(16)
  const document: Decision = {
    handle: HANDLE,
    purpose_id: purpose.id,
    purpose_version: 1,
    purpose_hash: purposeHash(purpose as never),
    app: APP,
    school: SCHOOL,
    registry: REGISTRY,
    decision,
    until: '2027-07-31',
    expires_at: at.toISOString(),
  }
  const iat = Math.floor((forging.signedAt ?? at).getTime() / 1000)
  const nonce = decisionNonce(salt, { ...document, ...forging.signed })
  const school = forging.school ?? schoolKey
  const claims = {
    iss: SCHOOL,
    iat,
    exp: iat + 86_400 * (forging.lapsedDays === undefined ? 1 : -forging.lapsedDays),
    vct: forging.vct ?? VCT_GUARDIANSHIP,
    cnf: { jwk: holder.publicJwk },
  }
  return {
    salt: salt.toString('base64url'),
    document,
    issuer_jwt: signJwt(school, { typ: 'dc+sd-jwt', x5c: school.x5c ?? [] }, claims),
    kb_jwt: signJwt(forging.signer ?? holder, { typ: 'kb+jwt' }, { aud: 'x', iat, nonce, sd_hash: 'x' }),
  }
}
