import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Tx } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import type { Findings } from './judge-delivery.ts'
import { makeRecord } from './make-record.ts'
import { type KnownPupil, listPupils, readPupils, type SealedPupil } from './pupil.sql.ts'
import { openPupilRecord, type PupilRecord, sealPupilRecord } from './pupil-record.ts'
import type { RosterPupil } from './read/build-pupils.ts'
import type { Roster } from './read/read-roster.ts'
import { pupilTag } from './roster-tags.ts'

/** What would become of the register. Nothing of it is written yet. */
export interface Comparison {
  readonly findings: Findings
  readonly added: readonly SealedPupil[]
  readonly changed: readonly SealedPupil[]
  readonly unchanged: number
  /** ids of pupils whom nothing in the delivery names any more */
  readonly removed: readonly string[]
  /** ids of pupils over whom somebody decides no longer, or otherwise */
  readonly withLostAuthority: readonly string[]
}

/** Pupils whose records are opened and sealed before other requests get their turn; some milliseconds. */
const SLICE = 64

interface Work {
  readonly deps: Deps
  readonly tx: Tx
  readonly school: School
  readonly roster: Roster
  readonly isConfirmed: boolean
  readonly known: ReadonlyMap<string, KnownPupil>
}

interface Found {
  added: SealedPupil[]
  changed: SealedPupil[]
  unchanged: number
  withLostAuthority: string[]
  readonly lost: Record<'guardianships' | 'classes' | 'ages', { count: number; of: number }>
}

/**
 * Holds a delivery against the register of one school, whose roster the caller has locked. What the delivery leaves unsaid is taken
 * from the register, unless `isConfirmed`.
 */
export async function compareRoster(
  deps: Deps,
  tx: Tx,
  school: School,
  roster: Roster,
  isConfirmed: boolean,
): Promise<Comparison> {
  const known = new Map((await listPupils(tx, school.slug)).map((pupil) => [keyOf(pupil.source_tag), pupil]))
  const work: Work = { deps, tx, school, roster, isConfirmed, known }
  const none = () => ({ count: 0, of: 0 })
  const lost = { guardianships: none(), classes: none(), ages: none() }
  const found: Found = { added: [], changed: [], unchanged: 0, withLostAuthority: [], lost }
  const named = new Set<string>()
  for (let at = 0; at < roster.pupils.length; at += SLICE) {
    const pupils = roster.pupils
      .slice(at, at + SLICE)
      .map((pupil) => ({ pupil, sourceTag: tagOf(work, pupil.sourcedId) }))
    for (const { sourceTag } of pupils) named.add(keyOf(sourceTag))
    await compareSlice(work, pupils, found)
    await nextTurn()
  }
  const { doubtful, unplaced } = tagUnread(work)
  const removed = [...known].filter(([key]) => !named.has(key) && !doubtful.has(key) && !unplaced.has(key))
  const gone = { count: removed.length, of: known.size }
  const unread = new Set([...doubtful, ...[...unplaced].filter((key) => known.has(key) && !named.has(key))]).size
  const { added, changed, unchanged, withLostAuthority } = found
  const findings = { missing: { pupils: gone, ...lost }, gaps: gapsOf(roster, unread) }
  return { findings, added, changed, unchanged, withLostAuthority, removed: removed.map(([, { id }]) => id) }
}

const keyOf = (tag: Buffer): string => tag.toString('base64url')
const tagOf = ({ school }: Work, sourcedId: string): Buffer => pupilTag(school, sourcedId)

function tagUnread(work: Work): { doubtful: ReadonlySet<string>; unplaced: ReadonlySet<string> } {
  const keys = (ids: readonly string[]) => new Set(ids.map((sourcedId) => keyOf(tagOf(work, sourcedId))))
  return { doubtful: keys(work.roster.doubtful), unplaced: keys(work.roster.unplaced) }
}

async function compareSlice(
  work: Work,
  pupils: readonly { pupil: RosterPupil; sourceTag: Buffer }[],
  found: Found,
): Promise<void> {
  const { deps, school, roster } = work
  const stored = await openKnown(work, pupils)
  for (const { pupil, sourceTag } of pupils) {
    const before = stored.get(keyOf(sourceTag))
    const pupilId = before?.facts.pupilId ?? deps.random(16).toString('base64url')
    const record = makeRecord(school, roster, pupil, { pupilId, before: work.isConfirmed ? undefined : before })
    if (before !== undefined) compareRecords(before, record, found)
    if (JSON.stringify(before) === JSON.stringify(record)) found.unchanged += 1
    else {
      const sealed = { id: pupilId, sourceTag, ...sealPupilRecord(deps.keyring, school.slug, record) }
      found[before === undefined ? 'added' : 'changed'].push(sealed)
    }
  }
}

/** The records that the register has of these pupils, by key. */
async function openKnown(
  { deps, tx, school, known }: Work,
  pupils: readonly { sourceTag: Buffer }[],
): Promise<ReadonlyMap<string, PupilRecord>> {
  const keys = new Map(
    pupils.flatMap(({ sourceTag }) => {
      const pupil = known.get(keyOf(sourceTag))
      return pupil === undefined ? [] : [[pupil.id, keyOf(sourceTag)] as const]
    }),
  )
  const rows = await readPupils(tx, school.slug, [...keys.keys()])
  return new Map(rows.map((row) => [keys.get(row.id) ?? '', openPupilRecord(deps.keyring, school.slug, row)]))
}

/** Counts what was there before and is not there after. */
function compareRecords(before: PupilRecord, after: PupilRecord, { lost, withLostAuthority }: Found): void {
  const has = {
    classes: ({ facts }: PupilRecord) => facts.groupLabel !== undefined,
    ages: ({ facts }: PupilRecord) => facts.ageEqualOrOver !== undefined,
  }
  for (const name of ['classes', 'ages'] as const) {
    if (!has[name](before)) continue
    lost[name].of += 1
    if (!has[name](after)) lost[name].count += 1
  }
  const still = new Set(after.guardians.map(({ guardianId }) => guardianId))
  lost.guardianships.of += before.guardians.length
  lost.guardianships.count += before.guardians.filter(({ guardianId }) => !still.has(guardianId)).length
  if (hasLostAuthority(before, after)) withLostAuthority.push(before.facts.pupilId)
}

/**
 * A copy in a wallet must not go on saying who decides when the court or the parents said otherwise, nor when the pupil decides alone
 * sooner than it says. A school year that ends sooner takes nothing away: nobody is sixteen by then.
 */
function hasLostAuthority(before: PupilRecord, after: PupilRecord): boolean {
  const still = new Map(after.guardians.map((guardian) => [guardian.guardianId, guardian]))
  return before.guardians.some(({ guardianId, authority, coHolderCount, decideUntil }) => {
    const now = still.get(guardianId)
    if (now?.authority !== authority || now.coHolderCount !== coHolderCount) return true
    return now.decideUntil < decideUntil && now.decideUntil < after.facts.schoolYearEnd
  })
}

function gapsOf({ pupils }: Roster, unread: number): Findings['gaps'] {
  const countOf = (isUnsaid: (pupil: RosterPupil) => boolean) => ({
    count: pupils.filter(isUnsaid).length,
    of: pupils.length,
  })
  return {
    pupils: { count: unread, of: pupils.length + unread },
    guardians: countOf(({ unsaid }) => unsaid.holders !== undefined),
    enrolments: countOf(({ unsaid }) => unsaid.enrolment),
    ages: countOf(({ unsaid }) => unsaid.age),
  }
}
