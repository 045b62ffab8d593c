import pg from 'pg'
import { asDatabaseError } from './database-unavailable.ts'
import type { Sql } from './sql.ts'
import { createStatements, type Statements } from './statements.ts'

declare const inTransaction: unique symbol

/** Statements of one open transaction. What must be atomic asks for this type, which a `Db` is not. */
export type Tx = Statements & {
  readonly [inTransaction]: true
  /** Runs `work` after a successful commit, never after a rollback. */
  readonly afterCommit: (work: () => void) => void
}

/**
 * Runs `work` in a transaction as `tenant` ('' is nobody) on a connection that the caller holds; commits when it
 * resolves, rolls back when it throws and passes the error on (`DatabaseUnavailable` when trying again may help). A
 * connection that could not be rolled back may not be used again: then `onBroken` is called.
 */
export async function runTransaction<T>(
  client: pg.PoolClient,
  tenant: string,
  work: (tx: Tx) => Promise<T>,
  onBroken: () => void,
): Promise<T> {
  const committed: (() => void)[] = []
  let open = true
  const query = async ({ name, text, values }: Sql): Promise<pg.QueryResult> => {
    if (!open) throw new Error('the transaction is over')
    return client.query({ name, text, values: values as unknown[] }).catch(rethrow)
  }
  // Sent without waiting: the first statement travels right behind it. When setting the tenant fails, the transaction is
  // aborted, so that no statement can run as somebody else.
  const begun = client.query(`begin; select set_config('samen.tenant', ${pg.escapeLiteral(tenant)}, true)`)
  begun.catch(() => undefined)
  try {
    const later = (run: () => void) => void committed.push(run)
    const result = await work({ ...createStatements(query), afterCommit: later } as Tx)
    open = false
    await begun
    await commit(client)
    for (const run of committed) run()
    return result
  } catch (error) {
    open = false
    await client.query('rollback').catch(onBroken)
    throw asDatabaseError(error)
  }
}

// PostgreSQL answers ROLLBACK to the commit of a transaction in which a statement failed and the error was swallowed.
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query('commit')
  if (command !== 'COMMIT') throw new Error('a statement failed unseen, so the transaction was rolled back')
}

function rethrow(error: unknown): never {
  throw asDatabaseError(error)
}
