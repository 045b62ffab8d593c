import { hash, randomBytes, randomUUID } from 'node:crypto'
import { json, sql } from './sql.ts'
import type { Statements } from './statements.ts'

export type ApiKeyHolder = { readonly id: string; readonly tenant: string; readonly scopes: readonly string[] }

/**
 * Makes a key of 256 random bits for a tenant and stores its SHA-256 only. Call it on the tenant's own transaction.
 * The key is in the answer and nowhere else.
 */
export async function issueApiKey(
  db: Statements,
  { tenant, scopes }: { tenant: string; scopes: readonly string[] },
): Promise<{ id: string; apiKey: string }> {
  const id = randomUUID()
  const apiKey = randomBytes(32).toString('base64url')
  await db.run(
    sql`insert into api_key (tenant, id, key_hash, scopes) values (${tenant}, ${id}, ${hashOf(apiKey)}, ${json(scopes)})`,
  )
  return { id, apiKey }
}

/** Whose key this is, or undefined for an unknown or revoked one: the tenant comes from here, never from a path. */
export async function authenticate(db: Statements, apiKey: string): Promise<ApiKeyHolder | undefined> {
  return db.maybe<ApiKeyHolder>(
    sql`select id, tenant, scopes from api_key where key_hash = ${hashOf(apiKey)} and revoked_at is null`,
  )
}

/** Ends a key of the transaction's tenant; false when there is none that lives. */
export async function revokeApiKey(
  db: Statements,
  { tenant, id, now }: { tenant: string; id: string; now: Date },
): Promise<boolean> {
  return (
    (await db.run(
      sql`update api_key set revoked_at = ${now} where tenant = ${tenant} and id = ${id} and revoked_at is null`,
    )) === 1
  )
}

function hashOf(apiKey: string): Buffer {
  return hash('sha256', apiKey, 'buffer')
}
