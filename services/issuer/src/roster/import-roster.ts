import { Problem } from '@samen/errors'
import { audit, type IdempotentReply, type Tx, withIdempotency } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { applyRoster } from './apply-roster.ts'
import { type ImportRow, insertImport, readImport } from './import.sql.ts'
import { refusalReport, reportOf } from './import-report.ts'
import type { Roster } from './read/read-roster.ts'
import { READER_LIMITS, readRosterApart } from './read/read-roster-apart.ts'
import { RosterRefusal } from './read/roster-refusal.ts'

/**
 * Takes a board's OneRoster zip and makes the register of one school what it says. Everything is read and judged before
 * anything is written, and all that is written is one transaction: a delivery is applied as a whole, held or refused.
 * The reply is `{id, state, report}`; what went wrong is in the report, without anything that stood in a row.
 */
export async function importRoster(
  deps: Deps,
  school: School,
  delivery: { readonly zip: Buffer; readonly confirmRemovals: boolean },
  request: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const now = deps.now()
  const read = await readOrRefuse(delivery.zip, school, now)
  const idempotent = { ...request, tenant: school.slug, sealing: deps.keyring, now }
  const reply = await withIdempotency(deps.db.forTenant(school.slug), idempotent, async (tx) => {
    const id = deps.random(16).toString('base64url')
    const body = await record(deps, tx, school, { id, read, confirmRemovals: delivery.confirmRemovals })
    await insertImport(tx, school.slug, body, now)
    const event = { tenant: school.slug, at: now, actor: 'api', object: id }
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

async function record(
  deps: Deps,
  tx: Tx,
  school: School,
  { id, read, confirmRemovals }: { id: string; read: Roster | RosterRefusal; confirmRemovals: boolean },
): Promise<ImportRow> {
  if (read instanceof RosterRefusal) return { id, state: 'refused', report: refusalReport(read) }
  const outcome = await applyRoster(deps, tx, school, read, confirmRemovals)
  return { id, state: 'changes' in outcome ? 'applied' : 'held', report: reportOf(read, outcome) }
}

/** What became of a delivery. Throws Problem 404 `not-found`, alike for another school's import and for none. */
export async function showImport(deps: Deps, school: School, id: string): Promise<ImportRow> {
  const row = await readImport(deps.db.forTenant(school.slug), school.slug, id)
  if (row === undefined) throw new Problem(404, 'not-found', 'There is nothing here')
  return row
}
