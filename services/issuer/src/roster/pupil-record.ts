import type { Keyring } from '@samen/sealing'
import type { PupilRow } from './pupil.sql.ts'
import type { GuardianFacts, PupilFacts } from './pupil-facts.ts'

/** All that is kept of one pupil, sealed under a data key of its own. Both lie in one row: what is deleted is gone with its key, and a backup made before has both. */
export interface PupilRecord {
  readonly facts: PupilFacts
  readonly guardians: readonly GuardianFacts[]
}

/** Ties a sealed record to its row: moved to another pupil or another school it does not open. */
const contextOf = (tenant: string, pupilId: string): string => `issuer/pupil/${tenant}/${pupilId}`

/** Seals a record under a fresh data key. Returns the wrapped key and the sealed record, as stored. */
export function sealPupilRecord(
  keyring: Keyring,
  tenant: string,
  record: PupilRecord,
): { wrapped: Buffer; sealed: Buffer } {
  const context = contextOf(tenant, record.facts.pupilId)
  const { wrapped, dataKey } = keyring.newDataKey(context)
  return { wrapped, sealed: dataKey.seal(JSON.stringify(record), context) }
}

/** Opens what `sealPupilRecord` made. Throws when the row was moved or changed. */
export function openPupilRecord(keyring: Keyring, tenant: string, row: PupilRow): PupilRecord {
  const context = contextOf(tenant, row.id)
  return JSON.parse(keyring.unwrap(row.wrapped_key, context).open(row.sealed, context).toString('utf8'))
}
