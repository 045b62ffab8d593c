import { type Decision, decisionNonce } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { PrivateJwk } from '@samen/jwt-profile'
import type { DcqlQuery } from '@samen/openid4vp'
import { decisionDocument } from '../decision/decision-document.ts'
import type { Deps } from '../deps.ts'
import { findRequest } from '../request/find-request.ts'
import { decisionQuery, recordQuery } from './guardianship-query.ts'
import { type PutQuestion, type Question, readPresentationId } from './presentation-id.ts'
import { encryptionKeyOf, nonceOf, saltOf, stateOf } from './presentation-secrets.ts'
import { findCertificate, type RequestCertificate } from './request-certificate.ts'
import { answerUntil } from './start-presentation.ts'

/** A presentation as its link and the request make it, the same at every process and each time. */
export type OpenPresentation = RequestCertificate & {
  readonly id: string
  readonly question: Question
  readonly expiresAt: Date
  readonly nonce: string
  readonly state: string
  readonly query: DcqlQuery
  readonly encryption: PrivateJwk & { kid: string }
  /** `salt` (base64url) and `document` make the nonce of a decision */
  readonly decision: { readonly salt: string; readonly document: Decision } | undefined
}

type Opening = Pick<Deps, 'db' | 'keys' | 'keyring' | 'membership' | 'publicUrl' | 'now'>

/** What a link that is at most `seconds` old stands for. Throws ProtocolError 404 for every other one alike. */
export async function openPresentation(deps: Opening, id: string, seconds: number): Promise<OpenPresentation> {
  const put = readPresentationId(deps.keyring, id)
  if (put === undefined || deps.now().getTime() >= put.createdAt.getTime() + seconds * 1000) throw unknownPresentation()
  const certificate = await findCertificate(deps, put.certificate)
  if (certificate === undefined) throw unknownPresentation()
  return {
    ...certificate,
    ...(await whatIsAsked(deps, id, put)),
    id,
    question: put.question,
    expiresAt: answerUntil(put.createdAt),
    state: stateOf(deps.keyring, id),
    encryption: encryptionKeyOf(deps.keyring, id),
  }
}

/** One answer for what never was, what is over and what was answered: links cannot be probed. */
export function unknownPresentation(): ProtocolError {
  return new ProtocolError(404, 'not_found', 'there is no such request, or it is over')
}

async function whatIsAsked(
  { db, keyring, publicUrl }: Opening,
  id: string,
  { question, createdAt }: PutQuestion,
): Promise<Pick<OpenPresentation, 'nonce' | 'query' | 'decision'>> {
  if (question.kind === 'record') {
    return { nonce: nonceOf(keyring, id), query: recordQuery(publicUrl), decision: undefined }
  }
  const request = await findRequest({ db }, question.handle)
  if (request === undefined) throw unknownPresentation()
  const document = decisionDocument(publicUrl, request, question.word, answerUntil(createdAt))
  const salt = saltOf(keyring, id)
  return {
    nonce: decisionNonce(salt, document),
    query: decisionQuery(publicUrl, request.app, question.word),
    decision: { salt: salt.toString('base64url'), document },
  }
}
