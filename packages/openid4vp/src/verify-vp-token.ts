import { ProtocolError } from '@samen/errors'
import type { PublicJwk } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import type { DcqlQuery } from './dcql-query.ts'
import { refusal } from './refusal.ts'
import { isQuerySatisfied } from './satisfy-query.ts'
import { type Checked, verifyPresentation } from './verify-presentation.ts'
import { isRefusal, type VpPolicy } from './vp-policy.ts'
import type { ParsedVpToken, Presentation } from './vp-token.ts'

/** A credential that passed every check. `claims` are those that its query asked for, and no others. */
export type PresentedCredential = {
  readonly issuer: string
  readonly vct: string
  readonly claims: JsonObject
  readonly holderKey: PublicJwk
}

/**
 * Validates a VP token in the order of VP#vp-token-validation: nonce, then per presentation issuer, signature, holder binding and
 * query, then the whole against the query, and last the status (TSL#validation-rules).
 * A presentation that fails is dropped, and with it the response when the query is no longer satisfied.
 * Returns one credential per answered query id. Throws ProtocolError 400 `invalid_request`, the reason in its `cause`.
 */
export async function verifyVpToken(
  { query, presentations, faults: unreadable }: ParsedVpToken,
  policy: VpPolicy,
): Promise<Record<string, PresentedCredential>> {
  assertNonce(presentations, policy.nonce)
  const faults = [...unreadable]
  const checked = await keepGood(presentations, faults, (presentation) =>
    verifyPresentation(presentation, presentations, policy),
  )
  assertSatisfied(query, checked, faults)
  const live = await keepGood(checked, faults, (credential) => assertLive(credential, policy))
  assertSatisfied(query, live, faults)
  return Object.fromEntries(
    live.map(({ queryId, issuer, vct, claims, holderKey }) => [queryId, { issuer, vct, claims, holderKey }]),
  )
}

/**
 * A stale nonce in any presentation rejects the whole response (VP#verifiable-presentations-considerations), before any
 * signature is looked at. Only the signature, checked later, makes the nonce mean something.
 */
function assertNonce(presentations: readonly Presentation[], nonce: string): void {
  if (presentations.some(({ sdJwt }) => sdJwt.keyBindingJwt?.payload['nonce'] !== nonce))
    throw refusal('nonce_mismatch')
}

async function assertLive(credential: Checked, policy: VpPolicy): Promise<Checked> {
  if (credential.status === undefined) throw refusal('status_missing')
  try {
    await policy.checkStatus(credential.issuer, credential.status)
  } catch (cause) {
    throw isRefusal(cause) ? refusal('status_not_valid', cause) : cause
  }
  return credential
}

/** VP#vp-token-validation: what fails is discarded. One after the other, so that a response cannot fan out into fetches. */
async function keepGood<In, Out>(
  items: readonly In[],
  faults: ProtocolError[],
  check: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const good: Out[] = []
  for (const item of items) {
    try {
      good.push(await check(item))
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.status >= 500) throw error
      faults.push(error)
    }
  }
  return good
}

function assertSatisfied(query: DcqlQuery, credentials: readonly Checked[], faults: readonly ProtocolError[]): void {
  const answered = new Set(credentials.map(({ queryId }) => queryId))
  if (answered.size === 0 || !isQuerySatisfied(query, answered)) throw faults[0] ?? refusal('query_unsatisfied')
}
