import { audit } from '@samen/pg-kit'
import { endDeletedKeys } from '../api-key/end-deleted-keys.ts'
import type { Deps } from '../deps.ts'
import { endAllOffersOf } from '../offer/end-offers.ts'
import { visitSchools } from '../school/visit-schools.ts'
import { endAllTokensOf } from '../token/end-tokens.ts'
import { revokedPlacesIn } from './list-bits.ts'
import { closeAllLists, noteDatabase, readLists, revokePlaces } from './status.sql.ts'

/** No database is called so: a mark with it stays unlike whatever answers. */
const SET_BACK = 'set-back'

/**
 * Looks whether the database is an older one than the one we left: a backup was put back, a replica took over. Such a
 * database has forgotten which codes were used, which places were taken and what was revoked or deleted. Then no code of before can be
 * redeemed, no token of before works, keys that were deleted are deleted again, new copies go to new lists, what was published as
 * revoked is revoked again, and places that the database knows nothing of are published as revoked. Returns whether that was so.
 *
 * To be called before anything is served, and by a timer: a process may live through the change. Remembers at once that it was so,
 * since the database counts on at every look and would have caught up, and which database it is only after every school is fenced.
 * Throws Error when one could not be.
 */
export async function jumpFenceAfterRestore(deps: Deps): Promise<boolean> {
  const left = await deps.databaseMark.read()
  const process = left?.process ?? deps.random(16).toString('base64url')
  const found = await noteDatabase(deps.db, process)
  const isSetBack = left !== undefined && (found.identity !== left.identity || found.noted <= left.noted)
  if (isSetBack) {
    deps.log.warn({ action: 'fence.jumped' }, 'the database is an older one: offers and tokens of before are dead')
    await deps.databaseMark.write({ ...left, identity: SET_BACK })
    const failed = await visitSchools(deps, 'jump-fence', (slug) => jumpFence(deps, slug))
    if (failed > 0) throw new Error('the fence was not jumped at every school')
  }
  await deps.databaseMark.write({ ...found, process })
  if (isSetBack) await deps.statusLists.refreshAll()
  return isSetBack
}

async function jumpFence(deps: Deps, slug: string): Promise<void> {
  const at = deps.now()
  const db = deps.db.forTenant(slug)
  const revoked = await readPublishedRevocations(deps, slug)
  await db.transaction(async (tx) => {
    await closeAllLists(tx, slug)
    await endAllOffersOf(tx, slug)
    await endAllTokensOf(tx, slug)
    await endDeletedKeys(deps, tx, slug)
    for (const { list, places } of revoked) await revokePlaces(tx, slug, { list, places, now: at })
    await audit(tx, { tenant: slug, at, actor: 'fence', action: 'fence.jumped', object: slug, outcome: 'ok' })
  })
}

/** What the world was told, by list: places that were revoked. */
async function readPublishedRevocations(
  deps: Deps,
  slug: string,
): Promise<readonly { readonly list: string; readonly places: readonly number[] }[]> {
  const published: { list: string; places: readonly number[] }[] = []
  for (const { id: list, size } of await readLists(deps.db.forTenant(slug), slug)) {
    const bytes = await deps.publishedBits.read(list)
    if (bytes !== undefined) published.push({ list, places: revokedPlacesIn({ bits: 1, size, bytes }) })
  }
  return published
}
