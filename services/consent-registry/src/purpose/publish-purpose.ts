import type { PublishedPurpose } from '@samen/consent'
import type { Deps } from '../deps.ts'
import { readPurposeRow } from './purpose.sql.ts'

/**
 * One version of a purpose as anybody may read it, and the app's signed message for those who check it themselves.
 * Undefined when there is none.
 */
export async function publishPurpose(
  deps: Pick<Deps, 'db' | 'publicUrl'>,
  id: string,
  version: number,
): Promise<{ published: PublishedPurpose; message: string } | undefined> {
  const row = await readPurposeRow(deps.db, id, version)
  if (row === undefined) return undefined
  const { app, app_name, document, hash, message } = row
  return { published: { registry: deps.publicUrl, app, app_name, purpose: document, purpose_hash: hash }, message }
}
