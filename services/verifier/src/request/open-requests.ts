import type { FactName } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { SigningKey } from '@samen/jwt-profile'
import type { DcqlQuery } from '@samen/openid4vp'
import type { Db } from '@samen/pg-kit'
import { hashSecret, type Keyring } from '@samen/sealing'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { readOpenRequest } from './request.sql.ts'
import { openSecrets, type RequestSecrets } from './request-secrets.ts'

/** A request to a wallet, opened. Nothing in it changes while it is open. */
export interface OpenRequest {
  readonly id: string
  readonly requestHash: Buffer
  readonly secrets: RequestSecrets
  readonly clientId: string
  readonly signingKey: SigningKey
  readonly query: DcqlQuery
  readonly facts: readonly FactName[]
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Requests that wait for an answer, kept open in the process that made them: it mostly also serves and answers them. */
export interface OpenRequests {
  /** Throws ProtocolError 404 alike for an id that never was, that is answered, or that has expired. */
  find(app: AppTenant, requestId: string): Promise<OpenRequest>
  keep(app: AppTenant, request: OpenRequest): void
  forget(app: AppTenant, request: OpenRequest): void
}

const MOST_KEPT = 10_000

/** Requests over the database, with the latest of this process in memory. */
export function createOpenRequests(deps: { db: Db; keyring: Keyring; now: () => Date }): OpenRequests {
  const kept = new Map<string, OpenRequest>()
  const nameOf = (app: AppTenant, hash: Buffer) => `${app.slug} ${hash.toString('base64url')}`
  const keep = (app: AppTenant, request: OpenRequest) => {
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
    kept.set(nameOf(app, request.requestHash), request)
  }
  return {
    keep,
    forget: (app, { requestHash }) => void kept.delete(nameOf(app, requestHash)),
    async find(app, requestId) {
      const now = deps.now()
      const requestHash = hashSecret(requestId)
      const known = kept.get(nameOf(app, requestHash))
      if (known !== undefined && known.expiresAt > now) return known
      kept.delete(nameOf(app, requestHash))
      const row = await readOpenRequest(deps.db.forTenant(app.slug), { tenant: app.slug, requestHash, now })
      if (row === undefined) throw noSuchRequest()
      const request: OpenRequest = {
        id: row.id,
        requestHash,
        secrets: openSecrets(deps.keyring, app.slug, row.id, row.sealed_secrets),
        clientId: row.client_id,
        signingKey: { ...app.keys.signing, x5c: row.x5c },
        query: row.query,
        facts: row.facts,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
      }
      keep(app, request)
      return request
    },
  }
}

/** One answer for what never was, what is over and what was answered: links cannot be probed. */
export function noSuchRequest(): ProtocolError {
  return new ProtocolError(404, 'invalid_request', 'there is no such request, or no longer')
}
