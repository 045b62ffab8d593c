import type { Decision, DecisionWord } from '@samen/consent'
import type { RequestRow } from '../request/request.sql.ts'

/** The document that the wallet signs when this word is said about this request. All of it is pinned in the request, or said here. */
export function decisionDocument(registry: string, request: RequestRow, word: DecisionWord, expiresAt: Date): Decision {
  return {
    handle: request.handle,
    purpose_id: request.purpose.id,
    purpose_version: request.purpose.version,
    purpose_hash: request.purpose_hash,
    app: request.app,
    school: request.school,
    registry,
    decision: word,
    until: request.until,
    expires_at: expiresAt.toISOString(),
  }
}
