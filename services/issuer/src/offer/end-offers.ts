import type { Tx } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { visitSchools } from '../school/visit-schools.ts'
import { endAllOffers, endOffersOfPupils, expireOffers, forgetContents } from './offer.sql.ts'

/** Ends every offer of a school that could still give something. */
export async function endAllOffersOf(tx: Tx, slug: string): Promise<void> {
  await endAllOffers(tx, slug)
}

/** Ends what was offered about pupils who left, or about whom something else is true now than when it was offered. */
export async function endOffersAbout(tx: Tx, school: School, pupilIds: readonly string[]): Promise<void> {
  await endOffersOfPupils(tx, school.slug, pupilIds)
}

/** Ends the offers whose time is over, and forgets what the ended ones would have issued; for a timer. */
export async function forgetOldOffers(deps: Deps): Promise<void> {
  await visitSchools(deps, 'forget-offers', async (slug) => {
    const db = deps.db.forTenant(slug)
    await expireOffers(db, slug, deps.now())
    await forgetContents(db, slug)
  })
}
