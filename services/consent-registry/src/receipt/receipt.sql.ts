import { type Statements, sql } from '@samen/pg-kit'

export type OpenReceipt = {
  handle: string
  purpose_id: string
  purpose_version: number
  app: string
  school: string
  until: string
  list: string
  list_index: number
  sealed_receipt: Buffer
}

/** A consent that is live and whose receipt the app does not have yet. */
export const readOpenReceipt = (db: Statements, handle: string) =>
  db.maybe<OpenReceipt>(sql`
    select handle, purpose_id, purpose_version, app, school, until, list, list_index, sealed_receipt
    from consent_request where handle = ${handle} and state = 'given' and sealed_receipt is not null`)

/** The app has it: salt and binding are forgotten. */
export const forgetReceipt = (db: Statements, handle: string) =>
  db.run(sql`update consent_request set sealed_receipt = null where handle = ${handle}`)
