import type { Deps } from '../deps.ts'
import { recordQuery } from '../presentation/guardianship-query.ts'
import { ANSWER_SECONDS, type StartedPresentation, startPresentation } from '../presentation/start-presentation.ts'

/** Asks a wallet for which child its holder may look back. Nobody is known before it has answered. */
export async function beginSession(deps: Deps): Promise<StartedPresentation> {
  const createdAt = deps.now()
  const expiresAt = new Date(createdAt.getTime() + ANSWER_SECONDS * 1000)
  const nonce = deps.random(32).toString('base64url')
  return startPresentation(
    deps,
    { kind: 'record', handle: null, createdAt, expiresAt },
    { nonce, query: recordQuery(deps.publicUrl) },
  )
}
