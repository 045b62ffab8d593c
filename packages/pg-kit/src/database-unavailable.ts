/**
 * The database could not be reached, refused work or took too long; nothing is wrong with the request. It becomes
 * 503 with `Retry-After: retryAfterSeconds`. The message is constant: PostgreSQL's own may quote values of a row.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable'
  readonly retryAfterSeconds = 1

  constructor(cause: unknown) {
    super('the database is not available', { cause })
  }
}

/** The error to throw for a failed statement: `DatabaseUnavailable` when trying again may help, else the error itself. */
export function asDatabaseError(error: unknown): unknown {
  return isPassing(error) ? new DatabaseUnavailable(error) : error
}

/** True when the server did not answer in time: nobody knows what became of the statement. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

// 08 connection, 53 out of resources, 57P0x shutting down, 57014 statement timeout, 40001 and 40P01 lost to another
// transaction, 55P03 lock timeout, 25006 failed over to a read-only server, 25P03 idle in transaction too long.
const PASSING = /^(?:08...|53...|57P0.|57014|40001|40P01|55P03|25006|25P03)$/
const NETWORK = /^(?:ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/
const DRIVER =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered|Client was closed|Cannot use a pool after|Query read timeout)/

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError && error.errors.some(isPassing)) return true
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return PASSING.test(code) || NETWORK.test(code) || DRIVER.test(error.message)
}
