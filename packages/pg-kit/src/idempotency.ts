import { hash } from 'node:crypto'
import { Problem } from '@samen/errors'
import type { Db } from './open-db.ts'
import type { Tx } from './run-transaction.ts'
import { json, sql } from './sql.ts'

export type IdempotentReply = { readonly status: number; readonly body: object }

/** What seals stored replies, which may hold secrets: a keyring of @samen/sealing. */
export type ReplySealing = {
  readonly seal: (plaintext: string, context: string) => Buffer
  readonly open: (sealed: Buffer, context: string) => Buffer
}

export type IdempotentRequest = {
  readonly tenant: string
  /** The `Idempotency-Key` as received; `undefined` when the caller sent none, and then nothing is stored. */
  readonly key: string | undefined
  /** Hash over method, path and body: what makes it the same request. */
  readonly requestHash: Buffer
  readonly sealing: ReplySealing
  readonly now: Date
}

/**
 * Runs `effect` once per tenant and key: in one transaction with the stored, sealed reply. The same key with the same
 * request gives the same reply for 24 hours, also to two at once; with another request it throws a 422 problem. When
 * `effect` throws nothing is stored and the key is free again.
 */
export async function withIdempotency(
  db: Db,
  request: IdempotentRequest,
  effect: (tx: Tx) => Promise<IdempotentReply>,
): Promise<IdempotentReply> {
  const { key, tenant } = request
  if (key === undefined) return db.transaction(effect)
  const keyHash = hash('sha256', key, 'buffer')
  const context = `idempotency/${tenant}/${keyHash.toString('base64url')}`
  return db.transaction(async (tx) => {
    // A second request with the key waits here until the first commits or rolls back.
    if (!(await claimKey(tx, request, keyHash))) return readReply(tx, request, keyHash, context)
    const reply = await effect(tx)
    const sealed = request.sealing.seal(json(reply), context)
    await tx.run(
      sql`update idempotency set sealed_reply = ${sealed} where tenant = ${tenant} and key_hash = ${keyHash}`,
    )
    return reply
  })
}

const KEPT_MS = 86_400_000

async function claimKey(tx: Tx, { tenant, requestHash, now }: IdempotentRequest, keyHash: Buffer): Promise<boolean> {
  const tooOld = new Date(now.getTime() - KEPT_MS)
  const forget = tx.run(sql`
    delete from idempotency where tenant = ${tenant} and key_hash in (
      select key_hash from idempotency where tenant = ${tenant} and created_at < ${tooOld}
      limit 100 for update skip locked)`)
  const claim = tx.run(sql`
    insert into idempotency (tenant, key_hash, request_hash, created_at) values (${tenant}, ${keyHash}, ${requestHash}, ${now})
    on conflict (tenant, key_hash) do nothing`)
  const [, claimed] = await Promise.all([forget, claim])
  return claimed === 1
}

async function readReply(
  tx: Tx,
  { tenant, requestHash, sealing }: IdempotentRequest,
  keyHash: Buffer,
  context: string,
): Promise<IdempotentReply> {
  const stored = await tx.one<{ request_hash: Buffer; sealed_reply: Buffer }>(
    sql`select request_hash, sealed_reply from idempotency where tenant = ${tenant} and key_hash = ${keyHash}`,
  )
  if (!stored.request_hash.equals(requestHash)) {
    throw new Problem(422, 'idempotency-key-reused', 'This Idempotency-Key was used for another request')
  }
  return JSON.parse(sealing.open(stored.sealed_reply, context).toString('utf8')) as IdempotentReply
}
