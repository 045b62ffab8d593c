import { type Statements, sql, type Tx } from '@samen/pg-kit'

/** True when the app's own consent was withdrawn or is past its last day, and had no deletion receipt yet. */
export const markDeletionConfirmed = async (
  tx: Tx,
  deletion: { handle: string; app: string; message: string },
  at: Date,
) =>
  (await tx.run(sql`
    update consent_request set deletion_confirmed_at = ${at}, deletion_message = ${deletion.message}
    where handle = ${deletion.handle} and app = ${deletion.app} and deletion_confirmed_at is null
      and given_at is not null and (state = 'withdrawn' or until < ${at.toISOString().slice(0, 10)})`)) === 1

/** Consents of which an app should have confirmed the deletion, longest overdue first. */
export const readOverdue = (db: Statements, today: string, limit: number) =>
  db.many<{ handle: string }>(sql`
    select handle from consent_request
    where deletion_confirmed_at is null and deletion_overdue_at is null and delete_by < ${today}
    order by delete_by limit ${limit}`)

/** False when it was marked before, or the app has confirmed meanwhile. */
export const markOverdue = async (tx: Tx, handle: string, at: Date) =>
  (await tx.run(sql`
    update consent_request set deletion_overdue_at = ${at}
    where handle = ${handle} and deletion_confirmed_at is null and deletion_overdue_at is null`)) === 1
