import { hash } from 'node:crypto'
import { notFound, Problem } from '@samen/errors'
import { audit, type IdempotentReply, type Tx, withIdempotency } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { Caller } from '../school/authenticate-school.ts'
import type { School } from '../school/school.ts'
import { applyRoster } from './apply-roster.ts'
import { type ImportRow, insertImport, isHeld, readImport } from './import.sql.ts'
import { refusalReport, reportOf } from './import-report.ts'
import { lockRoster } from './pupil.sql.ts'
import type { Roster } from './read/read-roster.ts'
import { READER_LIMITS, readRosterApart } from './read/read-roster-apart.ts'
import { RosterRefusal } from './read/roster-refusal.ts'

/** A zip, and the id of the import as which the same zip is held when a human has looked at what is missing. */
export interface Delivery {
  readonly zip: Buffer
  readonly confirms: string | undefined
}

/**
 * Takes a board's OneRoster zip and makes the register of one school what it says. Everything is read and judged before
 * anything is written, and all that is written is one transaction: a delivery is applied as a whole, held or refused.
 * The reply is `{id, state, report}`; what went wrong is in the report, without anything that stood in a row.
 * Throws Problem 409 `nothing-to-confirm` when `confirms` names no held import of this zip, or the register has changed since.
 */
export async function importRoster(
  deps: Deps,
  { school, keyId }: Caller,
  delivery: Delivery,
  request: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const now = deps.now()
  const read = await readOrRefuse(delivery.zip, school, now)
  const idempotent = { ...request, tenant: school.slug, sealing: deps.keyring, now }
  const reply = await withIdempotency(deps.db.forTenant(school.slug), idempotent, async (tx) => {
    const id = deps.random(16).toString('base64url')
    const deliveryMac = macOf(deps, school, delivery.zip)
    // Imports of one school wait for each other: what is confirmed is held against the register as it is then.
    await lockRoster(tx, school.slug)
    if (delivery.confirms !== undefined) await assertHeld(tx, school, delivery.confirms, deliveryMac)
    const body = await record(deps, tx, school, { id, read, isConfirmed: delivery.confirms !== undefined })
    await insertImport(tx, school.slug, { ...body, deliveryMac }, now)
    const event = { tenant: school.slug, at: now, actor: keyId, object: id }
    await audit(tx, { ...event, action: 'roster.imported', outcome: body.state })
    return { status: 201, body }
  })
  // Whoever left was revoked with it; the lists must say so now and not at the next tick.
  deps.statusLists.touch(school)
  return reply
}

async function readOrRefuse(zip: Buffer, school: School, now: Date): Promise<Roster | RosterRefusal> {
  try {
    return await readRosterApart(zip, school, now.toISOString().slice(0, 10), READER_LIMITS)
  } catch (error) {
    if (error instanceof RosterRefusal) return error
    throw error
  }
}

/** Keyed, so that a dump confirms to nobody that a file in hand is the one that was sent. */
const macOf = (deps: Deps, school: School, zip: Buffer): Buffer =>
  deps.keyring.mac('issuer/roster-delivery', school.slug, hash('sha256', zip, 'base64url'))

async function assertHeld(tx: Tx, school: School, id: string, deliveryMac: Buffer): Promise<void> {
  if (!(await isHeld(tx, school.slug, id, deliveryMac)))
    throw new Problem(
      409,
      'nothing-to-confirm',
      'This delivery is not held under this id, or the register changed since',
    )
}

async function record(
  deps: Deps,
  tx: Tx,
  school: School,
  { id, read, isConfirmed }: { id: string; read: Roster | RosterRefusal; isConfirmed: boolean },
): Promise<ImportRow> {
  if (read instanceof RosterRefusal) return { id, state: 'refused', report: refusalReport(read) }
  const outcome = await applyRoster(deps, tx, school, read, isConfirmed)
  return { id, state: 'changes' in outcome ? 'applied' : 'held', report: reportOf(read, outcome) }
}

/** What became of a delivery. Throws Problem 404 `not-found`, alike for another school's import and for none. */
export async function showImport(deps: Deps, school: School, id: string): Promise<ImportRow> {
  const row = await readImport(deps.db.forTenant(school.slug), school.slug, id)
  if (row === undefined) throw notFound()
  return row
}
