import pg from 'pg'
import { assertSafeDatabase } from './assert-safe-database.ts'
import { asDatabaseError, isUnanswered } from './database-unavailable.ts'
import { parseTypes } from './parse-types.ts'
import { runTransaction, type Tx } from './run-transaction.ts'
import type { Sql } from './sql.ts'
import { createStatements, type Statements } from './statements.ts'

declare const notInTransaction: unique symbol

export type Db = Statements & {
  readonly [notInTransaction]: true
  /** Commits when `work` resolves, rolls back when it throws. Statements started together travel together. */
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  /** The same database as one tenant: row-level security sees `samen.tenant`. Throws `RangeError` on an empty tenant. */
  readonly forTenant: (tenant: string) => Db
  /** Waits for running statements, then closes all connections. */
  readonly close: () => Promise<void>
}

export type DbOptions = {
  readonly connectionString: string
  /** Connections at most. */
  readonly max: number
  readonly applicationName: string
  /**
   * How long a statement may run, and how long one may wait for a free connection. The server ends it then; a server that is gone without
   * a word is given two seconds more, and its connection is never used again.
   */
  readonly statementTimeoutMs: number
}

/**
 * Opens a pool. Throws when the server could forget a commit (fsync or synchronous_commit off), when its clock and ours
 * are 5 s or more apart, or when the role is above row-level security; `DatabaseUnavailable` when there is no server.
 */
export async function openDb(options: DbOptions): Promise<Db> {
  const pool = openPool(options)
  const db = createDb(pool, '')
  try {
    await assertSafeDatabase(db)
  } catch (error) {
    await pool.end()
    throw error
  }
  return db
}

// `pipeline` is newer than the driver's published types.
type PoolOptions = pg.PoolConfig & { pipeline: boolean }

function openPool(options: DbOptions): pg.Pool {
  const config: PoolOptions = {
    connectionString: options.connectionString,
    max: options.max,
    application_name: options.applicationName,
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout: options.statementTimeoutMs * 2,
    ...silenceLimits(options.statementTimeoutMs),
    connectionTimeoutMillis: options.statementTimeoutMs,
    pipeline: true,
    types: parseTypes,
  }
  const pool = new pg.Pool(config)
  // A connection that breaks, idle or between two statements, is replaced at its next use. Without these listeners it
  // would end the process: a dead database may never do that.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** What ends the wait for a server from which nothing comes any more: neither an answer nor the end of the connection. */
export function silenceLimits(statementTimeoutMs: number) {
  return { query_timeout: statementTimeoutMs + 2_000, keepAlive: true, keepAliveInitialDelayMillis: 10_000 }
}

function createDb(pool: pg.Pool, tenant: string): Db {
  let closing: Promise<void> | undefined
  const db = {
    ...createStatements((statement) => queryAsTenant(pool, tenant, statement)),
    transaction: async <T>(work: (tx: Tx) => Promise<T>) => {
      const client = await connect(pool)
      let broken = false
      try {
        return await runTransaction(client, tenant, work, () => {
          broken = true
        })
      } finally {
        client.release(broken)
      }
    },
    forTenant: (name: string) => {
      if (name === '') throw new RangeError('a tenant has a name')
      return createDb(pool, name)
    },
    close: () => {
      closing ??= pool.end()
      return closing
    },
  }
  return db as unknown as Db
}

async function queryAsTenant(pool: pg.Pool, tenant: string, { name, text, values }: Sql): Promise<pg.QueryResult> {
  const client = await connect(pool)
  let unanswered = false
  try {
    if ((tenantOf.get(client) ?? '') !== tenant) await setTenant(client, tenant)
    return await client.query({ name, text, values: values as unknown[] })
  } catch (error) {
    unanswered = isUnanswered(error)
    throw asDatabaseError(error)
  } finally {
    // What was not answered may be answered later, and would then be taken for the answer to another statement.
    client.release(unanswered)
  }
}

// Which tenant a connection is set to: it mostly comes back to the same one, and then one round trip is enough.
const tenantOf = new WeakMap<pg.PoolClient, string>()
const UNKNOWN = '\0'

async function setTenant(client: pg.PoolClient, tenant: string): Promise<void> {
  tenantOf.set(client, UNKNOWN)
  await client.query({ name: 'set-tenant', text: `select set_config('samen.tenant', $1, false)`, values: [tenant] })
  tenantOf.set(client, tenant)
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw asDatabaseError(error)
  }
}
