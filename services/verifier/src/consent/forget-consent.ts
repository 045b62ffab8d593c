import type { Tx } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { deleteReceipt } from './consent.sql.ts'

/** Deletes the receipt of a consent that ended, binding and all: only the handle and the dates of the question remain. */
export async function forgetConsent(tx: Tx, app: AppTenant, handle: string): Promise<void> {
  await deleteReceipt(tx, app.slug, handle)
}
