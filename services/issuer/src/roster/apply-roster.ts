import type { Tx } from '@samen/pg-kit'
import { revokeSubject } from '../credential/revoke-credential.ts'
import type { Deps } from '../deps.ts'
import { endOffersAbout } from '../offer/end-offers.ts'
import type { School } from '../school/school.ts'
import { type Comparison, compareRoster } from './compare-roster.ts'
import type { Changes } from './import-report.ts'
import { type Findings, judgeDelivery } from './judge-delivery.ts'
import { deletePupils, insertPupils, lockPupils, updatePupils } from './pupil.sql.ts'
import type { Roster } from './read/read-roster.ts'

export type ApplyOutcome = Findings & ({ readonly changes: Changes } | { readonly held_for: readonly string[] })

/**
 * Makes the school's register what the delivery says, inside the caller's transaction, in which the roster is locked: new pupils,
 * changed records, and whoever no file names any more is deleted with the data key and everything that was issued about them is
 * revoked. So is what was issued about a pupil of whom somebody lost authority. What was offered about any of them is over. When more
 * is missing than can be believed, and nobody has confirmed it, nothing is changed.
 */
export async function applyRoster(
  deps: Deps,
  tx: Tx,
  school: School,
  roster: Roster,
  isConfirmed: boolean,
): Promise<ApplyOutcome> {
  const comparison = await compareRoster(deps, tx, school, roster, isConfirmed)
  const { findings, added, changed, unchanged, removed } = comparison
  const heldFor = isConfirmed ? [] : judgeDelivery(findings)
  if (heldFor.length > 0) return { ...findings, held_for: heldFor }
  await writeRegister(deps, tx, school, comparison)
  return {
    ...findings,
    changes: { added: added.length, changed: changed.length, unchanged, removed: removed.length },
  }
}

const ROWS_PER_STATEMENT = 500

async function writeRegister(
  deps: Deps,
  tx: Tx,
  school: School,
  { added, changed, removed, withLostAuthority }: Comparison,
): Promise<void> {
  const changing = changed.map(({ id }) => id)
  await lockPupils(tx, school.slug, [...changing, ...removed])
  // What was offered is pinned: it would say tomorrow what is no longer so today.
  await endOffersAbout(tx, school, changing)
  for (const id of [...withLostAuthority, ...removed]) await revokeSubject(deps, tx, school, id)
  for (const batch of batches(added)) await insertPupils(tx, school.slug, batch)
  for (const batch of batches(changed)) await updatePupils(tx, school.slug, batch)
  for (const batch of batches(removed)) await deletePupils(tx, school.slug, batch)
}

function batches<T>(items: readonly T[]): T[][] {
  const starts = Array.from(
    { length: Math.ceil(items.length / ROWS_PER_STATEMENT) },
    (_, at) => at * ROWS_PER_STATEMENT,
  )
  return starts.map((start) => items.slice(start, start + ROWS_PER_STATEMENT))
}
