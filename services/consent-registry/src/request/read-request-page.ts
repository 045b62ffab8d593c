import { FACTS, purposeUri } from '@samen/consent'
import type { Deps } from '../deps.ts'
import { findRequest } from './find-request.ts'
import type { RequestRow } from './request.sql.ts'
import { type PublicState, publicState } from './request-view.ts'

export type RequestPage = { request: RequestRow; state: PublicState }

/** A request as anybody with its link may read it; undefined when there is none. */
export async function readRequestPage(
  deps: Pick<Deps, 'db' | 'now'>,
  handle: string,
): Promise<RequestPage | undefined> {
  const request = await findRequest(deps, handle)
  return request && { request, state: publicState(request, deps.now()) }
}

/** The same as JSON, with the same members whatever the state. */
export function describeRequest(publicUrl: string, { request, state }: RequestPage) {
  const { handle, purpose, purpose_hash, app, app_name, school, school_name, guardians, until, expires_at } = request
  return {
    handle,
    state,
    purpose: {
      uri: purposeUri(publicUrl, purpose.id, purpose.version),
      hash: purpose_hash,
      title: purpose.title,
      why: purpose.why,
      legal_basis: purpose.legal_basis,
      retention: purpose.retention,
      claims: purpose.claims.map(({ fact, why }) => ({ fact, label: FACTS[fact].label, why })),
    },
    app: { entity_id: app, name: app_name },
    school: { entity_id: school, name: school_name },
    guardians,
    until,
    expires_at: expires_at.toISOString(),
  }
}
