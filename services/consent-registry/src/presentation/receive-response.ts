import type { Decision } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { type PresentedCredential, readAuthorizationResponse, verifyVpToken } from '@samen/openid4vp'
import { hashSecret } from '@samen/sealing'
import type { JsonObject } from '@samen/strict-json'
import type { Deps } from '../deps.ts'
import { type Answer, prepareAnswer } from './answer.ts'
import { readGuardian, readWard, signedParts } from './guardianship-query.ts'
import { answerPresentation, readUnanswered } from './presentation.sql.ts'
import { unknownPresentation } from './serve-request.ts'
import { openSecrets, type PresentationSecrets } from './start-presentation.ts'
import { assertLiveCredential, trustSchool } from './trust-school.ts'

const KEY_BINDING_MAX_AGE_SECONDS = 300

/**
 * Takes a wallet's answer (VP#direct_post_jwt): decrypts, compares state, verifies the presentation and its status, and keeps what was
 * proven. It has no effect before the browser that began confirms it (`confirm-presentation.ts`); a refused one never has any.
 * Returns the reply to the wallet. Throws ProtocolError 404 for an unknown link, 400 for an answer that does not verify, 403
 * `access_denied` for a credential of another school than the request's.
 */
export async function receiveResponse(
  deps: Deps,
  id: string,
  form: Readonly<Record<string, string>>,
): Promise<{ redirect_uri: string }> {
  const idHash = hashSecret(id)
  const open = await readUnanswered(deps.db, idHash, deps.now())
  if (open === undefined) throw unknownPresentation()
  const secrets = openSecrets(deps, id, open.sealed_request)
  const { encryption, state } = secrets
  const response = await readAuthorizationResponse(form, { privateJwk: encryption, kid: encryption.kid })
  if (response.state !== state) throw new ProtocolError(400, 'invalid_request', 'the answer is to another request')
  const answer: Answer =
    'error' in response ? { kind: 'declined' } : await verifyAnswer(deps, secrets, response.vpToken)
  const { row, reply } = prepareAnswer(deps, idHash, answer)
  if (!(await answerPresentation(deps.db, row))) throw unknownPresentation()
  return reply
}

async function verifyAnswer(deps: Deps, secrets: PresentationSecrets, vpToken: JsonObject): Promise<Answer> {
  const presented = await verifyVpToken(vpToken, secrets.query, {
    nonce: secrets.nonce,
    audience: secrets.clientId,
    now: deps.now(),
    maxAgeSeconds: KEY_BINDING_MAX_AGE_SECONDS,
    trustIssuer: (issuer, x5c) => trustSchool(deps, issuer, x5c),
    checkStatus: (issuer, status) => assertLiveCredential(deps, issuer, status),
  })
  const { decision } = secrets
  if (decision === undefined) return { kind: 'record', ...readWard(presented, deps.publicUrl) }
  const guardian = readGuardianOf(decision.document, presented)
  return { kind: 'decision', guardian, ...decision, signed: signedParts(vpToken) }
}

/** Only the school of the request knows who has authority over its pupil. */
function readGuardianOf(document: Decision, presented: Record<string, PresentedCredential>) {
  const guardian = readGuardian(presented, document)
  if (guardian.school === document.school) return guardian
  throw new ProtocolError(403, 'access_denied', 'the credential is of another school than the request')
}
