import type { Decision } from '@samen/consent'
import { hashSecret, newSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import type { Ward } from '../record/box.ts'
import type { Guardian, SignedParts } from './guardianship-query.ts'
import type { AnswerRow } from './presentation.sql.ts'

/** What a wallet proved; sealed until the browser that began confirms it. Nothing has come of it yet. */
export type Answer =
  | ({ readonly kind: 'decision' } & SignedDecision)
  | ({ readonly kind: 'record' } & Ward)
  | { readonly kind: 'declined' }

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
  deps: Pick<Deps, 'keyring' | 'publicUrl' | 'now'>,
  idHash: Buffer,
  answer: Answer,
): { row: AnswerRow; reply: { redirect_uri: string } } {
  const responseCode = newSecret(16)
  const at = deps.now()
  return {
    row: {
      idHash,
      responseCodeHash: hashSecret(responseCode),
      sealedAnswer: deps.keyring.seal(JSON.stringify(answer), answerContext(idHash)),
      at,
      confirmUntil: new Date(at.getTime() + CONFIRM_SECONDS * 1000),
    },
    reply: { redirect_uri: `${deps.publicUrl}/vp/returns/${responseCode}` },
  }
}

/** Opens what `prepareAnswer` sealed. Throws SealingError when the row is another presentation's. */
export function openAnswer(deps: Pick<Deps, 'keyring'>, idHash: Buffer, sealed: Buffer): Answer {
  return JSON.parse(deps.keyring.open(sealed, answerContext(idHash)).toString('utf8')) as Answer
}

function answerContext(idHash: Buffer): string {
  return `registry/answer/${idHash.toString('hex')}`
}
