import { type Decision, type DecisionWord, decisionNonce } from '@samen/consent'
import type { Deps } from '../deps.ts'
import { decisionQuery } from '../presentation/guardianship-query.ts'
import { ANSWER_SECONDS, type StartedPresentation, startPresentation } from '../presentation/start-presentation.ts'
import { type RequestRow, readRequest } from '../request/request.sql.ts'

export type BegunDecision = { request: RequestRow; word: DecisionWord; presentation: StartedPresentation }

/**
 * Turns a word into the document that the wallet is to sign, and asks the wallet. Whoever presses the button is not known yet and
 * nothing is decided. Whether the request is still open is not told here: only a guardian of the child learns that (a vendor
 * knows the link too). Undefined for an unknown handle.
 */
export async function beginDecision(
  deps: Deps,
  handle: string,
  word: DecisionWord,
): Promise<BegunDecision | undefined> {
  const request = await readRequest(deps.db, handle)
  if (request === undefined) return undefined
  const createdAt = deps.now()
  const expiresAt = new Date(createdAt.getTime() + ANSWER_SECONDS * 1000)
  const document: Decision = {
    handle,
    purpose_id: request.purpose.id,
    purpose_version: request.purpose.version,
    purpose_hash: request.purpose_hash,
    app: request.app,
    school: request.school,
    registry: deps.publicUrl,
    decision: word,
    until: request.until,
    expires_at: expiresAt.toISOString(),
  }
  const salt = deps.random(16)
  const presentation = await startPresentation(
    deps,
    { kind: 'decision', handle, createdAt, expiresAt },
    {
      nonce: decisionNonce(salt, document),
      query: decisionQuery(deps.publicUrl, request.app, word),
      decision: { salt: salt.toString('base64url'), document },
    },
  )
  return { request, word, presentation }
}
