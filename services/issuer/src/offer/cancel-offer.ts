import { notFound } from '@samen/errors'
import { audit } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { Caller } from '../school/authenticate-school.ts'
import { markCancelled, readOffer } from './offer.sql.ts'

/**
 * Ends an offer: its code, and the token that it was exchanged for. Copies that were handed over stay valid; they are
 * revoked by themselves. Ending twice succeeds. Throws Problem 404 for an id that is unknown or another school's.
 */
export async function cancelOffer(deps: Deps, { school, keyId }: Caller, id: string): Promise<void> {
  const now = deps.now()
  const db = deps.db.forTenant(school.slug)
  const isEnded = await db.transaction(async (tx) => {
    const ended = await markCancelled(tx, school.slug, id, now)
    const event = { tenant: school.slug, at: now, actor: keyId, object: id }
    if (ended) await audit(tx, { ...event, action: 'offer.cancelled', outcome: 'ok' })
    return ended
  })
  if (!isEnded && (await readOffer(db, school.slug, id, now)) === undefined) throw notFound()
}
