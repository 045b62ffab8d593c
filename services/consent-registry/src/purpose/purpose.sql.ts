import type { Purpose } from '@samen/consent'
import { json, type Statements, sql, type Tx } from '@samen/pg-kit'

export type PurposeRow = {
  id: string
  version: number
  app: string
  app_name: string
  document: Purpose
  hash: string
  message: string
}

/** True when the purpose is new and its id is not another app's. An existing version is never replaced. */
export const insertPurpose = async (tx: Tx, row: PurposeRow, at: Date) =>
  (await tx.run(sql`
    with owner as (
      insert into purpose_owner (id, app) values (${row.id}, ${row.app}) on conflict (id) do nothing returning app),
    allowed as (
      select app from owner union select app from purpose_owner where id = ${row.id} and app = ${row.app})
    insert into purpose (id, version, app, app_name, document, hash, message, valid_until, registered_at)
      select ${row.id}, ${row.version}, app, ${row.app_name}, ${json(row.document)}, ${row.hash}, ${row.message},
        ${row.document.valid_until}, ${at}
      from allowed
    on conflict (id, version) do nothing`)) === 1

export const readPurposeRow = (db: Statements, id: string, version: number) =>
  db.maybe<PurposeRow>(sql`
    select id, version, app, app_name, document, hash, message from purpose where id = ${id} and version = ${version}`)
