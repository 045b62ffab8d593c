import type { Tx } from '@samen/pg-kit'
import { lockAppRow } from './app-tenant.sql.ts'
import type { AppTenant } from './app-tenant.ts'

/** Changes of one app's own settings wait for each other here: how many there may be is counted behind it. */
export async function lockApp(tx: Tx, app: AppTenant): Promise<void> {
  await lockAppRow(tx, app.slug)
}
