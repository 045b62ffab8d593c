import { type FactName, isFactName, type Purpose } from '@samen/consent'
import { Problem } from '@samen/errors'
import { generateEncryptionKey } from '@samen/jwt-profile'
import { authorizationRequestUri } from '@samen/openid4vp'
import { audit, type IdempotentReply, type Statements, withIdempotency } from '@samen/pg-kit'
import { hashSecret } from '@samen/sealing'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { readConsentState } from '../consent/request-consent.ts'
import type { Deps } from '../deps.ts'
import { assertMember } from '../membership/assert-member.ts'
import { assertNotExpired, assertNotRejected } from '../purpose/purposes.ts'
import type { OpenRequest } from './open-requests.ts'
import { presentationQuery } from './presentation-query.ts'
import { insertRequest } from './request.sql.ts'
import { sealSecrets } from './request-secrets.ts'

export interface WantedPresentation {
  /** id of the purpose; its newest version unless `version` names one */
  readonly purpose: string
  readonly version?: number
  /** handle of the consent that must cover it; without it any live consent for the presented child does */
  readonly consent?: string
  /** facts of the purpose; all of them when absent */
  readonly claims?: readonly string[]
  /**
   * where the family's browser goes from our page, one of the app's registered URLs. Without it there is no page: the app shows the
   * code itself and takes the number
   */
  readonly return_url?: string
}

/** Time to read and to confirm in the wallet, once it has fetched the request. */
const ANSWER_MS = 300_000

/**
 * Makes a request to a wallet for facts of a purpose. Asking for more than the purpose says is refused here, before any wallet is
 * bothered, and so is asking for what no consent can cover any more. Throws Problem 403 `over-asking`,
 * `purpose-expired`, `purpose-rejected`, `consent-ended`, `not-a-member`, 404 `not-found`, 400
 * `invalid-request`, 503 `not-a-member`.
 */
export async function createPresentation(
  deps: Deps,
  app: AppTenant,
  wanted: WantedPresentation,
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const found = await deps.purposes.find(app, wanted.purpose, wanted.version)
  const purpose = found.document
  assertNotExpired(purpose, deps.now())
  assertNotRejected(found)
  const facts = await allowedFacts(deps, app, purpose, wanted.claims)
  assertReturnUrl(app, wanted.return_url)
  if (wanted.consent !== undefined) await assertNotEnded(deps, app, wanted.consent)
  const request = newRequest(deps, app, facts)
  const made = { request, purpose, wanted }
  const reply = { status: 201, body: renderRequest(deps, app, request, wanted) }
  const db = deps.db.forTenant(app.slug)
  if (idempotency.key === undefined) {
    await storeRequest(deps, db, app, made)
    deps.requests.keep(app, request)
    return reply
  }
  // With a key the reply may be that of an earlier request; then this one was never stored.
  const scope = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  return withIdempotency(db, scope, async (tx) => {
    await storeRequest(deps, tx, app, made)
    tx.afterCommit(() => deps.requests.keep(app, request))
    return reply
  })
}

async function allowedFacts(
  deps: Deps,
  app: AppTenant,
  purpose: Purpose,
  claims: readonly string[] | undefined,
): Promise<FactName[]> {
  const registered = purpose.claims.map(({ fact }) => fact)
  if (claims === undefined) return registered
  const allowed = claims.filter((claim): claim is FactName => isFactName(claim) && registered.includes(claim))
  if (allowed.length === claims.length && new Set(claims).size === claims.length) return allowed
  const event = { tenant: app.slug, at: deps.now(), actor: 'app', action: 'presentation.requested', object: purpose.id }
  await audit(deps.db.forTenant(app.slug), { ...event, outcome: 'over-asking' })
  throw new Problem(403, 'over-asking', 'More was asked than the purpose allows')
}

function assertReturnUrl(app: AppTenant, returnUrl: string | undefined): void {
  if (returnUrl === undefined || app.returnUrls.includes(returnUrl)) return
  throw new Problem(400, 'invalid-request', 'The return URL is not registered for this app')
}

/** Throws Problem 403 `consent-ended`, 404 `not-found`. */
async function assertNotEnded(deps: Deps, app: AppTenant, consent: string): Promise<void> {
  const { state } = await readConsentState(deps, app, consent)
  if (state !== 'withdrawn' && state !== 'expired') return
  throw new Problem(403, 'consent-ended', 'This consent has ended', {
    detail: 'Ask the guardians again with a new consent request, and delete what you hold under this one',
  })
}

function newRequest(deps: Deps, app: AppTenant, facts: FactName[]): OpenRequest {
  const certificate = assertMember(app, deps.now())
  const requestId = deps.random(16).toString('base64url')
  return {
    // The app's name is in front, so that a page that knows only the id finds its tenant.
    id: `${app.slug}.${deps.random(16).toString('base64url')}`,
    requestHash: hashSecret(requestId),
    secrets: {
      requestId,
      nonce: deps.random(16).toString('base64url'),
      state: deps.random(16).toString('base64url'),
      key: generateEncryptionKey(),
    },
    clientId: certificate.clientId,
    signingKey: { ...app.keys.signing, x5c: certificate.x5c },
    query: presentationQuery(facts, app.entityId, deps.authority),
    facts,
    createdAt: deps.now(),
    expiresAt: new Date(deps.now().getTime() + ANSWER_MS),
  }
}

async function storeRequest(
  deps: Deps,
  db: Statements,
  app: AppTenant,
  made: { request: OpenRequest; purpose: Purpose; wanted: WantedPresentation },
): Promise<void> {
  const { id, requestHash, secrets, clientId, query, facts, createdAt, expiresAt } = made.request
  await insertRequest(db, {
    tenant: app.slug,
    id,
    requestHash,
    nonceHash: hashSecret(secrets.nonce),
    stateHash: hashSecret(secrets.state),
    sealedSecrets: sealSecrets(deps.keyring, app.slug, id, secrets),
    clientId,
    purposeId: made.purpose.id,
    purposeVersion: made.purpose.version,
    query,
    facts,
    handle: made.wanted.consent,
    returnUrl: made.wanted.return_url,
    createdAt,
    expiresAt,
  })
}

/** A page of ours only where the result goes back to the browser of the app: one that is forwarded gives nothing to who forwarded it. */
function renderRequest(deps: Deps, app: AppTenant, request: OpenRequest, wanted: WantedPresentation) {
  return {
    id: request.id,
    authorization_request: walletLink(app, request.clientId, request.secrets.requestId),
    ...(wanted.return_url !== undefined && { page_url: `${deps.publicUrl}/presentations/${request.id}` }),
    expires_at: request.expiresAt.toISOString(),
  }
}

/** The link that opens a wallet; also the content of the QR code. */
export function walletLink(app: AppTenant, clientId: string, requestId: string): string {
  return authorizationRequestUri('haip-vp', clientId, `${app.entityId}/requests/${requestId}`)
}
