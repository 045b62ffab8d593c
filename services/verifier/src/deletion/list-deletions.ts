import { Problem } from '@samen/errors'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { renderDuty } from './confirm-deletion.ts'
import { type DutyRow, readDuties } from './deletion.sql.ts'

const PAGE = 100
/** Nothing else reaches the database: it knows neither NUL nor the years before 4713 BC. */
const CURSOR = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z) ([A-Za-z0-9_-]{22})$/
const START = { at: new Date(0), id: '' }

/** The duties of an app, oldest first, in pages. `cursor` is the `next` of the page before. Throws Problem 400 for any other. */
export async function listDeletions(deps: Deps, app: AppTenant, cursor: string | undefined) {
  const after = cursor === undefined ? START : readCursor(cursor)
  const rows = await readDuties(deps.db.forTenant(app.slug), { tenant: app.slug, after, limit: PAGE + 1 })
  const last = rows.length > PAGE ? rows[PAGE - 1] : undefined
  return { deletions: rows.slice(0, PAGE).map(renderDuty), next: last === undefined ? null : writeCursor(last) }
}

function writeCursor({ created_at: at, id }: DutyRow): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url')
}

function readCursor(cursor: string): { at: Date; id: string } {
  const [, at = '', id = ''] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? []
  if (Number.isNaN(Date.parse(at))) throw new Problem(400, 'invalid-request', 'The cursor is not one of ours')
  return { at: new Date(at), id }
}
