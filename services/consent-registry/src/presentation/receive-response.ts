import type { Decision } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { type PresentedCredential, parseVpToken, readAuthorizationResponse, verifyVpToken } from '@samen/openid4vp'
import type { JsonObject } from '@samen/strict-json'
import type { Deps } from '../deps.ts'
import { type Answer, declinedUri, prepareAnswer } from './answer.ts'
import { readGuardian, readWard, signedParts } from './guardianship-query.ts'
import { type OpenPresentation, openPresentation, unknownPresentation } from './open-presentation.ts'
import { insertAnswer } from './presentation.sql.ts'
import { ANSWER_SECONDS } from './start-presentation.ts'
import { trustFormerSchool } from './trust-former-school.ts'

const KEY_BINDING_MAX_AGE_SECONDS = 300

/**
 * Takes a wallet's answer (VP#direct_post_jwt): decrypts, compares state, verifies the presentation, for a yes and a record its status too,
 * and keeps what was proven, which is the first that is kept of it. It has no effect before the browser that began confirms it
 * (`confirm-presentation.ts`); a refused one never has any.
 * Returns the reply to the wallet. Throws ProtocolError 404 for an unknown link, 400 for an answer that does not verify, 403
 * `access_denied` for a credential of another school than the request's.
 */
export async function receiveResponse(
  deps: Deps,
  id: string,
  form: Readonly<Record<string, string>>,
): Promise<{ redirect_uri: string }> {
  const asked = await openPresentation(deps, id, ANSWER_SECONDS)
  const { encryption, state } = asked
  const response = readAuthorizationResponse(form, { privateJwk: encryption, kid: encryption.kid })
  if (response.state !== state) throw new ProtocolError(400, 'invalid_request', 'the answer is to another request')
  // Everybody who has the link can say that a wallet declines: it leaves nothing behind, and the wallet may still answer.
  if ('error' in response) return { redirect_uri: declinedUri(deps.publicUrl) }
  const { row, reply } = prepareAnswer(deps, asked, await verifyAnswer(deps, asked, response.vpToken))
  if (!(await insertAnswer(deps.db, row))) throw unknownPresentation()
  return reply
}

async function verifyAnswer(deps: Deps, asked: OpenPresentation, vpToken: JsonObject): Promise<Answer> {
  const { decision } = asked
  const presented = await verifyVpToken(parseVpToken(vpToken, asked.query), {
    nonce: asked.nonce,
    audience: asked.clientId,
    now: deps.now(),
    maxAgeSeconds: KEY_BINDING_MAX_AGE_SECONDS,
    ...(decision === undefined || decision.document.decision === 'yes' ? standing(deps) : standingOrFormer(deps)),
  })
  if (decision === undefined) return { kind: 'record', ...readWard(presented, deps.publicUrl) }
  const guardian = readGuardianOf(decision.document, presented)
  return { kind: 'decision', guardian, ...decision, signed: signedParts(vpToken) }
}

/** A school that is a member now, and stands behind its credential now. */
function standing({ trustIssuer, checkStatus }: Pick<Deps, 'trustIssuer' | 'checkStatus'>) {
  return { lapsed: 'refused', trustIssuer, checkStatus } as const
}

/**
 * To take away: who gave may take back also when the school no longer stands behind the credential (`docs/adr/0015`). Who gave stands in
 * the decisions, so whether the school still has to say so is seen when the answer is judged (`needsAuthority`), and not before.
 */
function standingOrFormer(deps: Pick<Deps, 'anchor'>) {
  return { lapsed: 'taken', trustIssuer: trustFormerSchool(deps), checkStatus: async () => undefined } as const
}

/** Only the school of the request knows who has authority over its pupil. */
function readGuardianOf(document: Decision, presented: Record<string, PresentedCredential>) {
  const guardian = readGuardian(presented, document)
  if (guardian.school === document.school) return guardian
  throw new ProtocolError(403, 'access_denied', 'the credential is of another school than the request')
}
