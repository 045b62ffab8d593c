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

/**
 * Gives an id to the app that comes first, which waits for who came at the same moment. A statement of its own: what another one committed
 * while this one waited is seen by the next only.
 */
export const claimPurposeId = (tx: Tx, { id, app }: Pick<PurposeRow, 'id' | 'app'>) =>
  tx.run(sql`insert into purpose_owner (id, app) values (${id}, ${app}) on conflict do nothing`)

/** True when the purpose is new and its id is this app's. An existing version is never replaced. */
export const insertPurpose = async (tx: Tx, row: PurposeRow, at: Date) =>
  (await tx.run(sql`
    insert into purpose (id, version, app, app_name, document, hash, message, valid_until, registered_at)
      select id, ${row.version}, app, ${row.app_name}, ${json(row.document)}, ${row.hash}, ${row.message},
        ${row.document.valid_until}, ${at}
      from purpose_owner where id = ${row.id} and app = ${row.app}
    on conflict do nothing`)) === 1

/** One version of a purpose; undefined when it was never registered. */
export const readPurposeRow = (db: Statements, id: string, version: number) =>
  db.maybe<PurposeRow>(sql`
    select id, version, app, app_name, document, hash, message from purpose where id = ${id} and version = ${version}`)
