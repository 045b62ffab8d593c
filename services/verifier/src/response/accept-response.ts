import { ProtocolError } from '@samen/errors'
import {
  type ParsedVpToken,
  PresentationError,
  type PresentedCredential,
  parseVpToken,
  readAuthorizationResponse,
  verifyVpToken,
} from '@samen/openid4vp'
import { DatabaseUnavailable } from '@samen/pg-kit'
import { hashSecret } from '@samen/sealing'
import type { JsonObject } from '@samen/strict-json'
import { pseudonymTag } from '../app-tenant/app-keys.ts'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { findLiveConsent } from '../consent/check-consent.ts'
import type { Deps } from '../deps.ts'
import { assertMayAsk } from '../membership/assert-member.ts'
import { noSuchRequest, type OpenRequest } from '../request/open-requests.ts'
import { factValues } from '../request/presentation-query.ts'
import { RESULT_LIFETIME_MS, sealResult } from '../result/seal-result.ts'
import { assertOneChild } from './assert-one-child.ts'
import { claimedPseudonym } from './claimed-pseudonym.ts'
import { type Candidate, claimRequest, endRequest, keepResult, readUnused, reopenRequest } from './response.sql.ts'

/** Of the key binding JWT: as old as a request can become, and a little for the wallet's clock. */
const MAX_AGE_SECONDS = 300

/** The receipts that could cover the child; `isKnown` when they were found by its tag, and those that were never used not looked at. */
interface Claimed {
  readonly candidates: readonly Candidate[]
  readonly isKnown: boolean
}

/** What the wallet is told: where to send its browser. */
export type WalletReply = { readonly redirect_uri: string }

/**
 * Takes the answer of a wallet: open, spend the request, verify, look for a live consent, keep the asked facts or nothing. The raw
 * presentation is dropped. An answer that is refused ends the request; a second try finds it used. Where we are the ones that fail, the
 * request is open again. Throws ProtocolError 400, 403 when the app is no member, 404, and 503 when trust or status cannot be
 * established now.
 */
export async function acceptResponse(
  deps: Deps,
  app: AppTenant,
  requestId: string,
  form: Readonly<Record<string, string>>,
): Promise<WalletReply> {
  assertMayAsk(app, deps.now())
  const request = await deps.requests.find(app, requestId)
  const { key, state } = request.secrets
  const response = readAuthorizationResponse(form, key)
  // VP#security_considerations_direct_post. The statement below compares it once more, in the database.
  if (response.state !== state) throw new ProtocolError(400, 'invalid_request', 'the response does not verify')
  const code = deps.random(16).toString('base64url')
  const reply = { redirect_uri: returnLink(deps, request, code) }
  if ('error' in response) {
    await end(deps, app, request, { from: 'requested', state: 'refused', outcome: response.error, code })
    return reply
  }
  await answer(deps, app, request, response.vpToken, code)
  return reply
}

async function answer(
  deps: Deps,
  app: AppTenant,
  request: OpenRequest,
  vpToken: JsonObject,
  code: string,
): Promise<void> {
  const parsed = await parseAnswer(deps, app, request, vpToken)
  const pseudonym = claimedPseudonym(parsed, app.entityId) ?? ''
  const claimed = await claim(deps, app, request, pseudonym)
  try {
    const presented = await verifyAnswer(deps, request, parsed)
    assertOneChild(presented, app.entityId, pseudonym)
    await conclude(deps, app, request, { presented, pseudonym, claimed, code })
  } catch (error) {
    const outcome = reasonOf(error)
    if (isOurs(error)) await reopen(deps, app, request, outcome)
    else await end(deps, app, request, { from: 'answering', state: 'refused', outcome, code: undefined })
    throw error
  }
}

/** An answer that cannot even be read ends the request as any other refusal does. */
async function parseAnswer(deps: Deps, app: AppTenant, request: OpenRequest, vpToken: JsonObject) {
  try {
    return parseVpToken(vpToken, request.query)
  } catch (error) {
    const outcome = reasonOf(error)
    await end(deps, app, request, { from: 'requested', state: 'refused', outcome, code: undefined })
    throw error
  }
}

/** What the wallet is told with a status of 500 or more, and may therefore try again. */
function isOurs(error: unknown): boolean {
  return !(error instanceof ProtocolError) || error.status >= 500
}

/** Gives the request back. Who spent it is this call alone, so no two answers are ever looked at together. */
async function reopen(deps: Deps, app: AppTenant, request: OpenRequest, outcome: string): Promise<void> {
  const { requestHash } = request
  const spent = { tenant: app.slug, requestHash, at: deps.now(), outcome }
  await reopenRequest(deps.db.forTenant(app.slug), spent).catch((error: unknown) => {
    // The database is still away: the request stays spent and expires. The wallet hears of the first failure.
    if (!(error instanceof DatabaseUnavailable)) throw error
  })
}

/** Single use: of any number of answers at the same time one gets the row. */
async function claim(deps: Deps, app: AppTenant, request: OpenRequest, pseudonym: string): Promise<Claimed> {
  const rows = await claimRequest(deps.db.forTenant(app.slug), {
    tenant: app.slug,
    requestHash: request.requestHash,
    stateHash: hashSecret(request.secrets.state),
    pseudonym,
    tag: pseudonymTag(app.keys, pseudonym),
    now: deps.now(),
  })
  deps.requests.forget(app, request)
  if (rows.length === 0) throw noSuchRequest()
  return {
    candidates: rows.filter((row): row is typeof row & Candidate => row.handle !== null),
    isKnown: rows.some((row) => row.is_known),
  }
}

function verifyAnswer(deps: Deps, { secrets, clientId }: OpenRequest, vpToken: ParsedVpToken) {
  return verifyVpToken(vpToken, {
    nonce: secrets.nonce,
    audience: clientId,
    now: deps.now(),
    maxAgeSeconds: MAX_AGE_SECONDS,
    lapsed: 'refused',
    trustIssuer: deps.trustIssuer,
    checkStatus: deps.checkStatus,
  })
}

async function conclude(
  deps: Deps,
  app: AppTenant,
  request: OpenRequest,
  found: {
    presented: Readonly<Record<string, PresentedCredential>>
    pseudonym: string
    claimed: Claimed
    code: string
  },
): Promise<void> {
  const { presented, pseudonym, claimed, code } = found
  const issuers = new Set(Object.values(presented).map(({ issuer }) => issuer))
  const consent = await findConsent(deps, app, request, { claimed, pseudonym, issuers })
  if (consent === undefined) {
    const outcome = { from: 'answering', state: 'consent_required', outcome: 'consent_required', code } as const
    await end(deps, app, request, outcome)
    return
  }
  const at = deps.now()
  const claims = factValues(presented, request.facts)
  await keepResult(deps.db.forTenant(app.slug), {
    tenant: app.slug,
    id: request.id,
    handle: consent.handle,
    tag: pseudonymTag(app.keys, pseudonym),
    sealed: sealResult(deps.keyring, app.slug, request.id, { claims, pseudonym }),
    responseCodeHash: hashSecret(code),
    at,
    expiresAt: new Date(at.getTime() + RESULT_LIFETIME_MS),
  })
}

/** A known child whose consent is dead may have a new one that nobody has used: only then the rest is looked at. */
async function findConsent(
  deps: Deps,
  app: AppTenant,
  { requestHash }: OpenRequest,
  { claimed, pseudonym, issuers }: { claimed: Claimed; pseudonym: string; issuers: ReadonlySet<string> },
): Promise<Candidate | undefined> {
  const consent = await findLiveConsent(deps, app.registry, claimed.candidates, issuers)
  if (consent !== undefined || !claimed.isKnown) return consent
  const unused = await readUnused(deps.db.forTenant(app.slug), { tenant: app.slug, requestHash, pseudonym })
  return findLiveConsent(deps, app.registry, unused, issuers)
}

async function end(
  deps: Deps,
  app: AppTenant,
  request: OpenRequest,
  how: {
    from: 'requested' | 'answering'
    state: 'consent_required' | 'refused'
    outcome: string
    code: string | undefined
  },
): Promise<void> {
  const at = deps.now()
  const ended = await endRequest(deps.db.forTenant(app.slug), {
    tenant: app.slug,
    requestHash: request.requestHash,
    stateHash: hashSecret(request.secrets.state),
    from: how.from,
    state: how.state,
    responseCodeHash: how.code === undefined ? undefined : hashSecret(how.code),
    at,
    expiresAt: new Date(at.getTime() + RESULT_LIFETIME_MS),
    outcome: how.outcome,
  })
  deps.requests.forget(app, request)
  if (!ended) throw noSuchRequest()
}

/** For the audit: the code of the check that failed, or of our own inability. The app reads the same word for all. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ProtocolError)) return 'failed'
  return error.cause instanceof PresentationError ? error.cause.code : error.code
}

/** VP#response_mode_post: our own page, with a fresh code of 128 bits; the result is released when it comes back where it began. */
function returnLink(deps: Deps, { id }: OpenRequest, code: string): string {
  return `${deps.publicUrl}/presentations/${id}/returns/${code}`
}
