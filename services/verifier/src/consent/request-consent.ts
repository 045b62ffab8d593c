import { CONSENT_REQUEST_MESSAGE } from '@samen/consent'
import { Problem } from '@samen/errors'
import { isEntityId, TrustError } from '@samen/federation'
import { FetchError } from '@samen/http-kit'
import { audit, type IdempotentReply, takeQuota, withIdempotency } from '@samen/pg-kit'
import { defineShape, parseJson } from '@samen/strict-json'
import { Type } from 'typebox'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { notFound } from '../management/authenticate-app.ts'
import { postToRegistry } from '../outgoing/post-to-registry.ts'
import { assertNotExpired, assertNotRejected, isPastDay } from '../purpose/purposes.ts'
import { type ConsentRow, insertConsentRequest, readConsent } from './consent.sql.ts'

export type ConsentState = 'requested' | 'given' | 'withdrawn' | 'expired'

const OPEN_FOR_MS = 30 * 86_400_000
/** Each is a connection to the registry, and a question to a family. */
const QUOTA = { limit: 120, windowSeconds: 60, errorStyle: 'problem' } as const

const Answer = defineShape(
  Type.Object({
    handle: Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' }),
    page_url: Type.String({ minLength: 8, maxLength: 2_048 }),
    expires_at: Type.String({ maxLength: 40 }),
  }),
)

/**
 * Asks the registry to put the question of a purpose to the guardians of one child at a school. Which child is theirs to say.
 * The registry is asked before anything is stored, outside any transaction; the same Idempotency-Key gives the same handle.
 * Throws Problem 404 `not-found`, 403 `purpose-expired`, `purpose-rejected`, 409 `purpose-not-registered`, 422 `registry-refused`, 503
 * `registry-unavailable`, 429 `too-many-requests`.
 */
export async function requestConsent(
  deps: Deps,
  app: AppTenant,
  wanted: { purpose: string; school: string },
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const request = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  const db = deps.db.forTenant(app.slug)
  const before = request.key === undefined ? undefined : await findReply(() => withIdempotency(db, request, notYet))
  if (before !== undefined) return before
  const purpose = await usablePurpose(deps, app, wanted)
  await takeQuota(deps.db, { ...QUOTA, key: `consent-requests:${app.slug}`, now: deps.now() })
  const answer = await askRegistry(deps, app, { ...wanted, purpose })
  return withIdempotency(db, request, async (tx) => {
    const at = deps.now()
    const { handle, page_url: pageUrl, expires_at } = answer
    const expiresAt = new Date(expires_at)
    const row = { tenant: app.slug, handle, ...purpose, school: wanted.school, pageUrl, expiresAt, at }
    await insertConsentRequest(tx, row)
    await audit(tx, { tenant: app.slug, at, actor: 'app', action: 'consent.requested', object: handle, outcome: 'ok' })
    return { status: 201, body: { id: handle, page_url: pageUrl, expires_at } }
  })
}

/** The state as the app may know it. Who has not answered, or said no, it never learns. Throws Problem 404. */
export async function readConsentState(deps: Deps, app: AppTenant, handle: string): Promise<{ state: ConsentState }> {
  const row = await readConsent(deps.db.forTenant(app.slug), app.slug, handle)
  if (row === undefined) throw notFound()
  return { state: consentState(row, deps.now()) }
}

function consentState(row: ConsentRow, now: Date): ConsentState {
  if (row.withdrawn_at !== null) return 'withdrawn'
  if (row.given_at !== null) return row.until !== null && isPastDay(row.until, now) ? 'expired' : 'given'
  return row.expires_at <= now ? 'expired' : 'requested'
}

async function usablePurpose(deps: Deps, app: AppTenant, { purpose, school }: { purpose: string; school: string }) {
  const found = await deps.purposes.find(app, purpose, undefined)
  const { document, state } = found
  assertNotExpired(document, deps.now())
  assertNotRejected(found)
  if (!isEntityId(school)) throw new Problem(400, 'invalid-request', 'The school is not an entity id')
  if (state !== 'registered') {
    throw new Problem(409, 'purpose-not-registered', 'The registry has not taken up this purpose yet')
  }
  return { purposeId: document.id, purposeVersion: document.version }
}

async function askRegistry(
  deps: Deps,
  app: AppTenant,
  wanted: { school: string; purpose: { purposeId: string; purposeVersion: number } },
) {
  const body = {
    request: {
      purpose_id: wanted.purpose.purposeId,
      purpose_version: wanted.purpose.purposeVersion,
      school: wanted.school,
      expires_at: new Date(deps.now().getTime() + OPEN_FOR_MS).toISOString(),
    },
  }
  const jti = deps.random(16).toString('base64url')
  const { status, body: text } = await reachRegistry(() =>
    postToRegistry(deps, app, 'consent_request_endpoint', { type: CONSENT_REQUEST_MESSAGE, jti, body }),
  )
  if (status >= 500 || status === 429) throw unavailable()
  if (status !== 201) throw new Problem(422, 'registry-refused', 'The registry did not accept the request')
  return readAnswer(text)
}

function readAnswer(text: string) {
  try {
    return Answer.read(parseJson(text, { maxBytes: 16_384 }), () => new TypeError('shape'))
  } catch (cause) {
    throw unavailable(cause)
  }
}

async function reachRegistry<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    if (cause instanceof TrustError || cause instanceof FetchError) throw unavailable(cause)
    throw cause
  }
}

function unavailable(cause?: unknown): Problem {
  return new Problem(503, 'registry-unavailable', 'The consent registry gave no usable answer', {
    cause,
    headers: { 'retry-after': '5' },
  })
}

const NO_REPLY = new Error('no reply is stored under this key')

/** As the effect of an idempotent request: gives the stored reply a chance, and leaves no trace when there is none. */
async function notYet(): Promise<IdempotentReply> {
  throw NO_REPLY
}

async function findReply(look: () => Promise<IdempotentReply>): Promise<IdempotentReply | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error === NO_REPLY) return undefined
    throw error
  }
}
