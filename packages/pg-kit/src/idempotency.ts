import { Problem } from '@samen/errors'
import type { Db } from './open-db.ts'
import type { Tx } from './run-transaction.ts'
import { json, sql } from './sql.ts'
import type { Statements } from './statements.ts'

export type IdempotentReply = { readonly status: number; readonly body: object }

/**
 * What seals stored replies, which may hold secrets, and makes the stored fingerprints: a keyring of @samen/sealing. A plain hash over a
 * request with a name in it would let whoever has the roster find out from a dump whom it was about.
 */
export type ReplySealing = {
  readonly seal: (plaintext: string, context: string) => Buffer
  readonly open: (sealed: Buffer, context: string) => Buffer
  readonly mac: (purpose: string, ...parts: string[]) => Buffer
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
  const keyHash = request.sealing.mac('idempotency/key', tenant, key)
  const requestHash = request.sealing.mac('idempotency/request', tenant, request.requestHash.toString('base64url'))
  const context = `idempotency/${tenant}/${keyHash.toString('base64url')}`
  return db.transaction(async (tx) => {
    // A second request with the key waits here until the first commits or rolls back.
    if (!(await claimKey(tx, { ...request, requestHash }, keyHash))) {
      return readReply(tx, { ...request, requestHash }, keyHash, context)
    }
    const reply = await effect(tx)
    const sealed = request.sealing.seal(json(reply), context)
    await tx.run(
      sql`update idempotency set sealed_reply = ${sealed} where tenant = ${tenant} and key_hash = ${keyHash}`,
    )
    return reply
  })
}

const KEPT_MS = 86_400_000

/** Forgets the replies of one tenant that are older than a day; for a timer, since a tenant may never ask again. Returns how many. */
export async function purgeIdempotency(
  db: Statements,
  { tenant, now }: { tenant: string; now: Date },
): Promise<number> {
  const tooOld = new Date(now.getTime() - KEPT_MS)
  return db.run(sql`delete from idempotency where tenant = ${tenant} and created_at < ${tooOld}`)
}

/** A reply that is too old but not yet forgotten makes way. */
async function claimKey(tx: Tx, { tenant, requestHash, now }: IdempotentRequest, keyHash: Buffer): Promise<boolean> {
  const tooOld = new Date(now.getTime() - KEPT_MS)
  const claimed = await tx.run(sql`
    insert into idempotency (tenant, key_hash, request_hash, created_at) values (${tenant}, ${keyHash}, ${requestHash}, ${now})
    on conflict (tenant, key_hash) do update
      set request_hash = excluded.request_hash, created_at = excluded.created_at, sealed_reply = null
      where idempotency.created_at < ${tooOld}`)
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
