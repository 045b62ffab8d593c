import { type Statements, sql, type Tx } from '@samen/pg-kit'

/** True once per sender and id. A second message with the id waits for the first to commit or roll back. */
export const spendMessageId = async (tx: Tx, message: { sender: string; jti: string; at: Date }) =>
  (await tx.run(sql`insert into received_message (sender, jti, received_at)
    values (${message.sender}, ${message.jti}, ${message.at}) on conflict (sender, jti) do nothing`)) === 1

/** Forgets ids of messages that are refused for their age by now. */
export const forgetMessageIds = (db: Statements, before: Date) =>
  db.run(sql`delete from received_message where received_at < ${before}`)
