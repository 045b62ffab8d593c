import { purgeIdempotency } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { visitSchools } from '../school/visit-schools.ts'
import {
  closeListsOfThePast,
  forgetEvents,
  forgetImports,
  forgetIssuances,
  forgetLists,
  forgetOffers,
  forgetPlaces,
} from './retention.sql.ts'

const DAY_MS = 86_400_000
/** What was offered and issued is remembered for one school year after it expired: in that year a school answers for the one before. */
const AFTER_EXPIRY_MS = 365 * DAY_MS
/** Until the delivery of the same week a year later has been compared with it. */
const IMPORTS_MS = 400 * DAY_MS
/** Longer than a copy lives and is remembered. The policy of the table has the same number. */
const EVENTS_MS = 1_095 * DAY_MS

/**
 * Forgets what is over, school by school; for a timer. A place in a status list stays taken for as long as its list is
 * published, and a list ends as a whole: after its last copy has expired and the year after that.
 */
export async function forgetOldRecords(deps: Deps): Promise<void> {
  const now = deps.now()
  const before = (age: number) => new Date(now.getTime() - age)
  await visitSchools(deps, 'forget-old-records', async (slug) => {
    const db = deps.db.forTenant(slug)
    await closeListsOfThePast(db, slug, now)
    for (const list of await forgetLists(db, slug, before(AFTER_EXPIRY_MS))) await deps.publishedBits.forget(list)
    await forgetPlaces(db, slug)
    await forgetIssuances(db, slug, before(AFTER_EXPIRY_MS))
    await forgetOffers(db, slug, before(AFTER_EXPIRY_MS))
    await forgetImports(db, slug, before(IMPORTS_MS))
    await forgetEvents(db, slug, before(EVENTS_MS))
    await purgeIdempotency(db, { tenant: slug, now })
  })
}
