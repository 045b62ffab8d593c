import { audit } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { endAllOffersOf } from '../offer/end-offers.ts'
import type { School } from '../school/school.ts'
import { endAllTokensOf } from '../token/end-tokens.ts'
import { closeAllLists, readDatabaseMark } from './status.sql.ts'

/**
 * To be called before anything is served. When the database is an older one than the one we left (a backup was put back, a
 * replica took over), it has forgotten which codes were used and which places were taken. So no code of before can be
 * redeemed, no token of before works, and new copies go to lists that no copy of before is in. Returns whether that was so.
 */
export async function jumpFenceAfterRestore(deps: Deps): Promise<boolean> {
  const left = deps.databaseMark.read()
  const found = await readDatabaseMark(deps.db)
  const isSetBack = left !== undefined && (found.identity !== left.identity || found.written < left.written)
  if (isSetBack) {
    deps.log.warn({ action: 'fence.jumped' }, 'the database is an older one: offers and tokens of before are dead')
    for (const school of await deps.schools.all()) await jumpFence(deps, school)
  }
  deps.databaseMark.write(found)
  return isSetBack
}

/** Remembers how far the database has come; for a timer. */
export async function noteDatabaseMark(deps: Pick<Deps, 'db' | 'databaseMark'>): Promise<void> {
  deps.databaseMark.write(await readDatabaseMark(deps.db))
}

async function jumpFence(deps: Deps, school: School): Promise<void> {
  const at = deps.now()
  await deps.db.forTenant(school.slug).transaction(async (tx) => {
    await closeAllLists(tx, school.slug)
    await endAllOffersOf(tx, school)
    await endAllTokensOf(tx, school)
    await audit(tx, {
      tenant: school.slug,
      at,
      actor: 'start',
      action: 'fence.jumped',
      object: school.slug,
      outcome: 'ok',
    })
  })
}
