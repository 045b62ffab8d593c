import { ProtocolError } from '@samen/errors'
import { readAuthorizationResponse, verifyVpToken } from '@samen/openid4vp'
import { hashSecret } from '@samen/sealing'
import { acceptDecision } from '../decision/accept-decision.ts'
import type { Deps } from '../deps.ts'
import { acceptRecordAccess } from '../record/accept-record-access.ts'
import { type AnsweredPresentation, prepareAnswer } from './answer.ts'
import { answerPresentation, readOpenPresentation } from './presentation.sql.ts'
import { unknownPresentation } from './serve-request.ts'
import { openSecrets } from './start-presentation.ts'
import { assertLiveCredential, trustSchool } from './trust-school.ts'

const KEY_BINDING_MAX_AGE_SECONDS = 300

/**
 * Takes a wallet's answer (VP#direct_post_jwt): decrypts, compares state, verifies the presentation and its status, and hands it
 * to what it was asked for. The answer is used up in the transaction of its effect; a refused one has none.
 * Returns the reply to the wallet. Throws ProtocolError 404 for an unknown link, 400 for an answer that does not verify, and what
 * the use case throws.
 */
export async function receiveResponse(
  deps: Deps,
  id: string,
  form: Readonly<Record<string, string>>,
): Promise<AnsweredPresentation['reply']> {
  const idHash = hashSecret(id)
  const open = await readOpenPresentation(deps.db, idHash, deps.now())
  if (open === undefined) throw unknownPresentation()
  const secrets = openSecrets(deps, id, open.sealed_request)
  const { encryption, state, query, nonce, clientId } = secrets
  const response = await readAuthorizationResponse(form, { privateJwk: encryption, kid: encryption.kid })
  if (response.state !== state) throw new ProtocolError(400, 'invalid_request', 'the answer is to another request')
  if ('error' in response) return takeRefusal(deps, idHash, open)
  const presented = await verifyVpToken(response.vpToken, query, {
    nonce,
    audience: clientId,
    now: deps.now(),
    maxAgeSeconds: KEY_BINDING_MAX_AGE_SECONDS,
    trustIssuer: (issuer, x5c) => trustSchool(deps, issuer, x5c),
    checkStatus: (issuer, status) => assertLiveCredential(deps, issuer, status),
  })
  if (secrets.decision === undefined) return acceptRecordAccess(deps, idHash, presented)
  return acceptDecision(deps, { idHash, facts: open, presented, vpToken: response.vpToken, ...secrets.decision })
}

/** The holder said no to the wallet, not to the question: nothing is decided. */
async function takeRefusal(
  deps: Deps,
  idHash: Buffer,
  { handle }: { handle: string | null },
): Promise<AnsweredPresentation['reply']> {
  const { row, reply } = prepareAnswer(deps, idHash, handle, { result: 'wallet-declined' })
  if (!(await answerPresentation(deps.db, row))) throw unknownPresentation()
  return reply
}
