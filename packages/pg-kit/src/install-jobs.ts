import pg from 'pg'
import { getConstructionPlans } from 'pg-boss'
import { asDatabaseError } from './database-unavailable.ts'

/** The schema in which the job tables live, apart from the service's own. */
export const JOB_SCHEMA = 'jobs'

/**
 * Creates the job tables where they are missing, as the role that owns the database. `openJobs` does the same by
 * itself; this is for preparing a database beforehand.
 */
export async function installJobs(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(getConstructionPlans(JOB_SCHEMA))
  } catch (error) {
    throw asDatabaseError(error)
  } finally {
    await client.end()
  }
}
