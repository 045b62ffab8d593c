import { ProtocolError } from '@samen/errors'
import type { PublicJwk } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import type { DcqlQuery } from './dcql-query.ts'
import { refusal } from './refusal.ts'
import { isQuerySatisfied } from './satisfy-query.ts'
import { type Checked, verifyPresentation } from './verify-presentation.ts'
import { isRefusal, type VpPolicy } from './vp-policy.ts'
import { assertNonce, readVpToken } from './vp-token.ts'

/** A credential that passed every check. `claims` are those that its query asked for, and no others. */
export type PresentedCredential = {
  readonly issuer: string
  readonly vct: string
  readonly claims: JsonObject
  readonly holderKey: PublicJwk
}

/**
 * Validates a VP token in the order of VP#vp-token-validation: shape, nonce, then per presentation issuer, signature, holder
 * binding and query, then the whole against the query, and last the status (TSL#validation-rules).
 * A presentation that fails is dropped, and with it the response when the query is no longer satisfied.
 * Returns one credential per answered query id. Throws ProtocolError 400 `invalid_request`, the reason in its `cause`;
 * RangeError when the query asks for `multiple`: use `verifyPresentations` then.
 */
export async function verifyVpToken(
  vpToken: JsonObject,
  dcqlQuery: DcqlQuery,
  policy: VpPolicy,
): Promise<Record<string, PresentedCredential>> {
  if (dcqlQuery.credentials.some(({ multiple }) => multiple))
    throw new RangeError('a query with multiple has many answers')
  const byQuery = await verifyPresentations(vpToken, dcqlQuery, policy)
  return Object.fromEntries(Object.entries(byQuery).flatMap(([id, [first]]) => (first ? [[id, first]] : [])))
}

/** As `verifyVpToken`, with all good presentations of each query: those of `multiple` queries stand without the bad ones. */
export async function verifyPresentations(
  vpToken: JsonObject,
  dcqlQuery: DcqlQuery,
  policy: VpPolicy,
): Promise<Record<string, PresentedCredential[]>> {
  const presentations = readVpToken(vpToken, dcqlQuery)
  for (const presentation of presentations) assertNonce(presentation, policy.nonce)
  const faults: ProtocolError[] = []
  const checked = await keepGood(presentations, faults, (presentation) =>
    verifyPresentation(presentation, presentations, policy),
  )
  assertSatisfied(dcqlQuery, checked, faults)
  const live = await keepGood(checked, faults, (credential) => assertLive(credential, policy))
  assertSatisfied(dcqlQuery, live, faults)
  return Object.fromEntries(
    Object.entries(Object.groupBy(live, ({ queryId }) => queryId)).map(([id, found]) => [
      id,
      (found ?? []).map(({ issuer, vct, claims, holderKey }) => ({ issuer, vct, claims, holderKey })),
    ]),
  )
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
