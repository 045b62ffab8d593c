import type { Deps } from '../deps.ts'
import type { Guardian } from '../presentation/guardianship-query.ts'
import { openBox } from '../record/box.ts'
import { readStanding } from './decision.sql.ts'
import { partyTag } from './prepare-decision.ts'

/**
 * Other requests to which this person said yes, about the same child, app and purpose, and which stand: who takes one back has to hear
 * that the app still may. Those that stand on somebody else's yes alone are not told, since who withdraws may have no authority any more.
 */
export async function findStillGiven(
  deps: Pick<Deps, 'db' | 'keyring' | 'now'>,
  guardian: Guardian,
  handle: string,
): Promise<string[]> {
  const handles = await openBox(deps, guardian)
  const parties = handles.map((each) => partyTag(deps, each, guardian))
  const today = deps.now().toISOString().slice(0, 10)
  return (await readStanding(deps.db, handle, { handles, parties, today })).map((row) => row.handle)
}
