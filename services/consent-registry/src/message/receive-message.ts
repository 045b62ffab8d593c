import { type MessageType, type VerifiedMessage, verifyNodeMessage } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { Tx } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { limitSender } from './limit-sender.ts'
import { spendMessageId } from './message.sql.ts'

/**
 * Verifies a message from another node (sender's chain and mark, type, audience, age) and runs `effect` in the transaction that
 * spends its id: an effect happens once, and a refused message can be sent again. Throws ProtocolError 400 or 403 as
 * `verifyNodeMessage`, 409 `already_received` when the id was spent and `answerAgain` knows no answer, 429 as `limitSender`, 503 when
 * the log is stopped, and whatever `effect` throws.
 */
export async function receiveMessage<T>(
  deps: Pick<Deps, 'db' | 'head' | 'resolver' | 'publicUrl' | 'now'>,
  token: string,
  type: MessageType,
  effect: (tx: Tx, message: VerifiedMessage) => Promise<T>,
  answerAgain: (tx: Tx, message: VerifiedMessage) => Promise<T | undefined> = async () => undefined,
): Promise<T> {
  deps.head.assertIntact()
  const now = deps.now()
  const message = await verifyNodeMessage(token, { ...type, audience: deps.publicUrl, resolver: deps.resolver, now })
  await limitSender(deps, type, message)
  return deps.db.transaction(async (tx) => {
    if (!(await spendMessageId(tx, { sender: message.iss, jti: message.jti, at: now }))) {
      const before = await answerAgain(tx, message)
      if (before === undefined) throw new ProtocolError(409, 'already_received', 'this message was acted on before')
      return before
    }
    return effect(tx, message)
  })
}
