import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openKeyring } from '@samen/sealing'
import pg from 'pg'
import type { ServiceName } from './settings.ts'

const UNDEFINED_TABLE = '42P01'

/**
 * Whether a service of this data folder has started on a database: each writes a mark of its keyring there at its first start. `other`
 * when another network's has; `never` when there is no mark.
 */
export async function startedBefore(
  dataDirectory: string,
  service: ServiceName,
  connectionString: string,
): Promise<'this' | 'other' | 'never'> {
  const mark = await onDatabase(connectionString, readMark)
  if (mark === undefined) return 'never'
  const file = join(dataDirectory, service, 'keyring')
  if (!existsSync(file)) return 'other'
  const ours = openKeyring(file, { create: false }).mac(`${service}/keyring-check`)
  return mark.equals(ours) ? 'this' : 'other'
}

/** Work on a connection of its own. Throws what the database answers, or that nobody does. */
export async function onDatabase<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function readMark(client: pg.Client): Promise<Buffer | undefined> {
  try {
    const { rows } = await client.query<{ mac: Buffer }>('select mac from keyring_check')
    return rows[0]?.mac
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return undefined
    throw error
  }
}
