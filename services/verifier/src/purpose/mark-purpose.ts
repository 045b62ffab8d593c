import type { Purpose } from '@samen/consent'
import type { Tx } from '@samen/pg-kit'
import { markPurpose } from './purpose.sql.ts'

/** Keeps the registry's answer to a version: taken up, or refused for good. */
export async function markPurposeAnswer(tx: Tx, tenant: string, purpose: Purpose, isTaken: boolean): Promise<void> {
  const { id, version } = purpose
  await markPurpose(tx, { tenant, id, version, state: isTaken ? 'registered' : 'rejected' })
}
