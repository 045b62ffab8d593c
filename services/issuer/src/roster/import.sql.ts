import { type Db, json, sql, type Tx } from '@samen/pg-kit'
import type { ImportReport, ImportState } from './import-report.ts'

export interface ImportRow {
  readonly id: string
  readonly state: ImportState
  readonly report: ImportReport
}

export const insertImport = (tx: Tx, tenant: string, row: ImportRow, now: Date): Promise<number> =>
  tx.run(sql`
    insert into roster_import (tenant, id, state, report, received_at)
    values (${tenant}, ${row.id}, ${row.state}, ${json(row.report)}, ${now})`)

export const readImport = (db: Db, tenant: string, id: string): Promise<ImportRow | undefined> =>
  db.maybe<ImportRow>(sql`select id, state, report from roster_import where tenant = ${tenant} and id = ${id}`)
