import type { Purpose } from '@samen/consent'
import { notFound, Problem } from '@samen/errors'
import type { Db, Statements } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { type PurposeRow, readPurposeVersion } from './purpose.sql.ts'

/** Purposes from memory for a few seconds: every request of an app names one, and a version never changes. */
export interface Purposes {
  /** One version, or the newest when none is named. Throws Problem 404 `not-found`. */
  find(app: AppTenant, id: string, version: number | undefined): Promise<PurposeRow>
  forget(app: AppTenant, id: string): void
}

const REMEMBERED_MS = 5_000
const MOST_REMEMBERED = 5_000

/** Purposes over the database, remembered for five seconds. */
export function createPurposes({ db, now }: { db: Db; now: () => Date }): Purposes {
  const remembered = new Map<string, { rows: Map<number | undefined, PurposeRow>; until: number }>()
  const nameOf = (app: AppTenant, id: string) => `${app.slug} ${id}`
  const rowsOf = (name: string) => {
    const known = remembered.get(name)
    if (known !== undefined && known.until > now().getTime()) return known.rows
    if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '')
    const rows = new Map<number | undefined, PurposeRow>()
    remembered.set(name, { rows, until: now().getTime() + REMEMBERED_MS })
    return rows
  }
  return {
    async find(app, id, version) {
      const known = rowsOf(nameOf(app, id)).get(version)
      if (known !== undefined) return known
      const row = await findPurpose(db.forTenant(app.slug), app, id, version)
      rowsOf(nameOf(app, id)).set(version, row)
      return row
    },
    forget: (app, id) => void remembered.delete(nameOf(app, id)),
  }
}

/** One version of a purpose as it is now, also inside a transaction. Throws Problem 404 `not-found`. */
export async function findPurpose(
  db: Statements,
  app: AppTenant,
  id: string,
  version: number | undefined,
): Promise<PurposeRow> {
  const row = await readPurposeVersion(db, { tenant: app.slug, id, version })
  if (row === undefined) throw notFound()
  return row
}

/** A purpose is good up to and with its last day, UTC. Throws Problem 403 `purpose-expired`. */
export function assertNotExpired(purpose: Purpose, now: Date): void {
  if (isPastDay(purpose.valid_until, now)) throw new Problem(403, 'purpose-expired', 'The purpose has expired')
}

/** A version that the registry has refused is refused for good. Throws Problem 403 `purpose-rejected`. */
export function assertNotRejected({ state }: Pick<PurposeRow, 'state'>): void {
  if (state !== 'rejected') return
  throw new Problem(403, 'purpose-rejected', 'The registry has rejected this purpose', {
    detail: 'Register a corrected version of it and ask for consent to that one',
  })
}

/** True when the day, `YYYY-MM-DD` in UTC, is over. */
export function isPastDay(day: string, now: Date): boolean {
  return day < now.toISOString().slice(0, 10)
}
