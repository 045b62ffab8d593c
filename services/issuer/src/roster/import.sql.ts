import { type Db, json, sql, type Tx } from '@samen/pg-kit'
import type { ImportReport, ImportState } from './import-report.ts'

export interface ImportRow {
  readonly id: string
  readonly state: ImportState
  readonly report: ImportReport
}

/** `deliveryMac` names the bytes of the zip. */
export const insertImport = (
  tx: Tx,
  tenant: string,
  row: ImportRow & { readonly deliveryMac: Buffer },
  now: Date,
): Promise<number> =>
  tx.run(sql`
    insert into roster_import (tenant, id, state, report, delivery_mac, received_at)
    values (${tenant}, ${row.id}, ${row.state}, ${json(row.report)}, ${row.deliveryMac}, ${now})`)

/**
 * True when this very zip is held as `id`, and the register is still the one that it was held against. Which import came later is what
 * the database counted while the roster was locked; a delivery that was received first may be read last.
 */
export const isHeld = async (tx: Tx, tenant: string, id: string, deliveryMac: Buffer): Promise<boolean> =>
  (await tx.maybe(sql`
    select id from roster_import held
    where tenant = ${tenant} and id = ${id} and state = 'held' and delivery_mac = ${deliveryMac}
      and not exists (select from roster_import later
        where later.tenant = ${tenant} and later.state = 'applied' and later.nr > held.nr)`)) !== undefined

/** One import with its report; undefined when the school has none of that id. */
export const readImport = (db: Db, tenant: string, id: string): Promise<ImportRow | undefined> =>
  db.maybe<ImportRow>(sql`select id, state, report from roster_import where tenant = ${tenant} and id = ${id}`)
