import type { Decision } from '@samen/consent'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import type { Ward } from '../record/box.ts'
import type { Guardian, SignedParts } from './guardianship-query.ts'
import type { OpenPresentation } from './open-presentation.ts'
import type { AnswerRow } from './presentation.sql.ts'
import { browserSecretFor } from './presentation-secrets.ts'

/** What a wallet proved; sealed until the browser that began confirms it. Nothing has come of it yet. */
export type Answer = ({ readonly kind: 'decision' } & SignedDecision) | ({ readonly kind: 'record' } & Ward)

/** A guardian's word as the wallet signed it. `salt` (base64url) and `document` are those that the nonce was made of. */
export type SignedDecision = {
  readonly guardian: Guardian
  readonly salt: string
  readonly document: Decision
  readonly signed: SignedParts
}

/** Time to come back from the wallet, or to type the number that it shows. */
const CONFIRM_SECONDS = 300

/**
 * The stored answer of a presentation and the reply to the wallet (VP#response_mode_post): it sends its browser on with a response
 * code that is in the reply only. The way back proves where the wallet is; the answer counts when that is confirmed.
 */
export function prepareAnswer(
  deps: Pick<Deps, 'keyring' | 'publicUrl' | 'now' | 'random'>,
  { id, question }: Pick<OpenPresentation, 'id' | 'question'>,
  answer: Answer,
): { row: AnswerRow; reply: { redirect_uri: string } } {
  const idHash = hashSecret(id)
  const responseCode = deps.random(16).toString('base64url')
  return {
    row: {
      idHash,
      kind: question.kind,
      handle: question.kind === 'decision' ? question.handle : null,
      browserHash: hashSecret(browserSecretFor(deps.keyring, id)),
      responseCodeHash: hashSecret(responseCode),
      sealedAnswer: deps.keyring.seal(JSON.stringify(answer), answerContext(idHash)),
      confirmUntil: new Date(deps.now().getTime() + CONFIRM_SECONDS * 1000),
    },
    reply: { redirect_uri: `${deps.publicUrl}/vp/returns/${responseCode}` },
  }
}

/** Where a wallet that declined sends its browser: the same address for all, since nothing came of it. */
export function declinedUri(publicUrl: string): string {
  return `${publicUrl}/vp/returns/declined`
}

/** Opens what `prepareAnswer` sealed. Throws SealingError when the row is another presentation's. */
export function openAnswer(deps: Pick<Deps, 'keyring'>, idHash: Buffer, sealed: Buffer): Answer {
  return JSON.parse(deps.keyring.open(sealed, answerContext(idHash)).toString('utf8')) as Answer
}

function answerContext(idHash: Buffer): string {
  return `registry/answer/${idHash.toString('hex')}`
}
