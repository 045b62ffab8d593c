import { CONSENT_REQUEST_MESSAGE, type ConsentRequest, type OpenedRequest, readOpenedRequest } from '@samen/consent'
import { notFound, Problem } from '@samen/errors'
import { isEntityId, TrustError } from '@samen/federation'
import { FetchError } from '@samen/http-kit'
import { audit, type IdempotentReply, type Tx, takeQuota, withIdempotency } from '@samen/pg-kit'
import { parseJson } from '@samen/strict-json'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { postToRegistry } from '../outgoing/post-to-registry.ts'
import { assertNotExpired, assertNotRejected, findPurpose, isPastDay } from '../purpose/purposes.ts'
import { type AskedRow, type ConsentRow, insertConsentRequest, readAsked, readConsent } from './consent.sql.ts'

export type ConsentState = 'requested' | 'given' | 'withdrawn' | 'expired'

const OPEN_FOR_MS = 30 * 86_400_000
/** Each is a connection to the registry, and a question to a family: a large school in a minute, and a program that has gone wild stops. */
const QUOTA = { limit: 1_000, windowSeconds: 60, errorStyle: 'problem' } as const

/** What is asked, under which message id: committed before the registry hears of it. */
interface Intent {
  readonly jti: string
  readonly request: ConsentRequest
}

/**
 * Asks the registry to put the question of a purpose to the guardians of one child at a school. Which child is theirs to say.
 * The registry is asked outside any transaction, under a message id that was committed before: the same Idempotency-Key puts one
 * question, also at the same moment or after a crash, since the registry answers a repeated message with the same handle.
 * Throws Problem 404 `not-found`, 403 `purpose-expired`, `purpose-rejected`, 409 `purpose-not-registered`, 422 `registry-refused`, 503
 * `registry-unavailable`, 429 `too-many-requests`.
 */
export async function requestConsent(
  deps: Deps,
  app: AppTenant,
  wanted: { purpose: string; school: string },
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const db = deps.db.forTenant(app.slug)
  await takeQuota(db, { ...QUOTA, key: `consent-requests:${app.slug}`, now: deps.now() })
  const intent = await intendQuestion(deps, app, wanted, idempotency)
  const asked = await readAsked(db, app.slug, intent.jti)
  if (asked !== undefined) return describe(asked)
  const { handle, page_url, expires_at } = await askRegistry(deps, app, intent)
  const question = { handle, page_url, expires_at: new Date(expires_at) }
  await db.transaction(async (tx) => {
    const at = deps.now()
    if (await insertConsentRequest(tx, { tenant: app.slug, ...intent, ...question, at }))
      return audit(tx, {
        tenant: app.slug,
        at,
        actor: 'app',
        action: 'consent.requested',
        object: handle,
        outcome: 'ok',
      })
    // Another call with this key came first; else the handle is that of another question, and a yes to that one would count for this.
    if ((await readAsked(tx, app.slug, intent.jti))?.handle !== handle) throw unavailable()
  })
  return describe(question)
}

/** The first call with a key decides what is asked; every other one finds that. */
async function intendQuestion(
  deps: Deps,
  app: AppTenant,
  wanted: { purpose: string; school: string },
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<Intent> {
  const scope = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  const { body } = await withIdempotency(deps.db.forTenant(app.slug), scope, async (tx) => {
    const purpose = await usablePurpose(deps, tx, app, wanted)
    const expires_at = new Date(deps.now().getTime() + OPEN_FOR_MS).toISOString()
    const request: ConsentRequest = { ...purpose, school: wanted.school, expires_at }
    return { status: 201, body: { jti: deps.random(16).toString('base64url'), request } satisfies Intent }
  })
  return body as Intent
}

function describe({ handle, page_url, expires_at }: AskedRow): IdempotentReply {
  return { status: 201, body: { id: handle, page_url, expires_at: expires_at.toISOString() } }
}

/** The state as the app may know it. Who has not answered, or said no, it never learns. Throws Problem 404. */
export async function readConsentState(deps: Deps, app: AppTenant, handle: string): Promise<{ state: ConsentState }> {
  const row = await readConsent(deps.db.forTenant(app.slug), app.slug, handle)
  if (row === undefined) throw notFound()
  return { state: consentState(row, deps.now()) }
}

function consentState(row: ConsentRow, now: Date): ConsentState {
  if (row.withdrawn_at !== null) return 'withdrawn'
  if (row.expired_at !== null) return 'expired'
  if (row.given_at !== null) return row.until !== null && isPastDay(row.until, now) ? 'expired' : 'given'
  return row.expires_at <= now ? 'expired' : 'requested'
}

/** Reads on the caller's own connection: as many askers as there are connections would each wait for one more. */
async function usablePurpose(
  deps: Deps,
  tx: Tx,
  app: AppTenant,
  { purpose, school }: { purpose: string; school: string },
) {
  const found = await findPurpose(tx, app, purpose, undefined)
  const { document, state } = found
  assertNotExpired(document, deps.now())
  assertNotRejected(found)
  if (!isEntityId(school)) throw new Problem(400, 'invalid-request', 'The school is not an entity id')
  if (state !== 'registered') {
    throw new Problem(409, 'purpose-not-registered', 'The registry has not taken up this purpose yet')
  }
  return { purpose_id: document.id, purpose_version: document.version }
}

async function askRegistry(deps: Deps, app: AppTenant, { jti, request }: Intent): Promise<OpenedRequest> {
  const message = { type: CONSENT_REQUEST_MESSAGE, jti, body: { request } }
  const { status, body } = await reachRegistry(() => postToRegistry(deps, app, 'consent_request_endpoint', message))
  if (status >= 500 || status === 429) throw unavailable()
  if (status !== 201) throw new Problem(422, 'registry-refused', 'The registry did not accept the request')
  return readAnswer(body, app.registry)
}

/** Nothing of the answer is used unchecked: the app sends a family to the page that it names. */
function readAnswer(text: string, registry: string): OpenedRequest {
  try {
    return readOpenedRequest(parseJson(text, { maxBytes: 16_384 }), registry)
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
