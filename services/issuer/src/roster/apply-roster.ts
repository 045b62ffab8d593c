import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Tx } from '@samen/pg-kit'
import { revokeSubject } from '../credential/revoke-credential.ts'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import type { Changes } from './import-report.ts'
import {
  deletePupils,
  insertPupils,
  type KnownPupil,
  listPupils,
  lockRoster,
  readPupils,
  type SealedPupil,
  updatePupils,
} from './pupil.sql.ts'
import { openPupilRecord, type PupilRecord, sealPupilRecord } from './pupil-record.ts'
import type { RosterPupil } from './read/build-pupils.ts'
import type { Roster } from './read/read-roster.ts'
import { isRemovalPlausible } from './removal-guard.ts'
import { guardianId, pupilTag } from './roster-tags.ts'

export type ApplyOutcome = { readonly changes: Changes } | { readonly missing: { pupils: number; of: number } }

/** Pupils whose records are sealed in one go before other requests get their turn; about a millisecond. */
const SLICE = 32
const ROWS_PER_STATEMENT = 500

/**
 * Makes the school's register what the delivery says, inside the caller's transaction: new pupils, changed records, and whoever
 * the delivery no longer names is deleted with the data key and everything that was issued about them is revoked. So is what was
 * issued about a pupil of whom somebody lost authority. When too many would vanish nothing is changed and the numbers are returned.
 */
export async function applyRoster(
  deps: Deps,
  tx: Tx,
  school: School,
  roster: Roster,
  confirmRemovals: boolean,
): Promise<ApplyOutcome> {
  await lockRoster(tx, school.slug)
  const known = new Map((await listPupils(tx, school.slug)).map((pupil) => [keyOf(pupil.source_tag), pupil]))
  const tags = await tagPupils(school, roster)
  const removed = [...known].filter(([key]) => !tags.present.has(key)).map(([, pupil]) => pupil.id)
  const missing = { pupils: removed.length, of: known.size }
  if (!confirmRemovals && !isRemovalPlausible(missing, deps.now())) return { missing }
  const { added, changed, unchanged } = await sealPupils(deps, school, roster, { known, tags: tags.wanted })
  await revokeLostAuthority(deps, tx, school, changed)
  for (const batch of batches(added)) await insertPupils(tx, school.slug, batch)
  for (const batch of batches(changed)) await updatePupils(tx, school.slug, batch)
  for (const id of removed) await revokeSubject(deps, tx, school, id)
  for (const batch of batches(removed)) await deletePupils(tx, school.slug, batch)
  return { changes: { added: added.length, changed: changed.length, unchanged, removed: removed.length } }
}

const keyOf = (tag: Buffer): string => tag.toString('base64url')

async function tagPupils(
  school: School,
  roster: Roster,
): Promise<{ wanted: readonly Buffer[]; present: ReadonlySet<string> }> {
  const wanted: Buffer[] = []
  for (const [at, { sourcedId }] of roster.pupils.entries()) {
    wanted.push(pupilTag(school, sourcedId))
    if (at % (SLICE * 8) === 0) await nextTurn()
  }
  const doubtful = roster.doubtful.map((sourcedId) => pupilTag(school, sourcedId))
  return { wanted, present: new Set([...wanted, ...doubtful].map(keyOf)) }
}

type Sealed = SealedPupil & { readonly record: PupilRecord }

async function sealPupils(
  deps: Deps,
  school: School,
  roster: Roster,
  about: { known: ReadonlyMap<string, KnownPupil>; tags: readonly Buffer[] },
): Promise<{ added: SealedPupil[]; changed: Sealed[]; unchanged: number }> {
  const added: SealedPupil[] = []
  const changed: Sealed[] = []
  let unchanged = 0
  for (const [at, pupil] of roster.pupils.entries()) {
    if (at % SLICE === 0) await nextTurn()
    const sourceTag = about.tags[at] ?? pupilTag(school, pupil.sourcedId)
    const before = about.known.get(keyOf(sourceTag))
    const record = recordOf(school, roster, pupil, before?.id ?? deps.random(16).toString('base64url'))
    const recordMac = macOf(deps, school, record)
    if (before === undefined) added.push(seal(deps, school, record, { sourceTag, recordMac }))
    else if (!before.record_mac.equals(recordMac)) changed.push(seal(deps, school, record, { sourceTag, recordMac }))
    else unchanged += 1
  }
  return { added, changed, unchanged }
}

/** Guardians are known by a keyed id only; when nobody decides for the pupil any more, or nobody can tell, none is kept. */
function recordOf(school: School, roster: Roster, pupil: RosterPupil, pupilId: string): PupilRecord {
  const { givenName, familyName, yearGroup, groupLabel, enrolmentSince, ageEqualOrOver, decideUntil } = pupil
  const holders = decideUntil === undefined ? [] : pupil.guardians
  return {
    facts: {
      pupilId,
      givenName,
      familyName,
      ...(yearGroup !== undefined && { yearGroup }),
      ...(groupLabel !== undefined && { groupLabel }),
      ...(enrolmentSince !== undefined && { enrolmentSince }),
      schoolYear: roster.schoolYear,
      schoolYearEnd: roster.schoolYearEnd,
      ...(ageEqualOrOver !== undefined && { ageEqualOrOver }),
    },
    guardians: holders.map(({ sourcedId, authority, relation, coHolderCount }) => ({
      guardianId: guardianId(school, sourcedId),
      pupilId,
      authority,
      relation,
      coHolderCount,
      decideUntil: decideUntil ?? roster.schoolYearEnd,
    })),
  }
}

/** Tells whether a record changed without opening the stored one; keyed, so that a dump confirms no guess about a child. */
const macOf = (deps: Deps, school: School, record: PupilRecord): Buffer =>
  deps.keyring.mac('issuer/pupil-record', school.slug, JSON.stringify(record))

function seal(deps: Deps, school: School, record: PupilRecord, tags: { sourceTag: Buffer; recordMac: Buffer }): Sealed {
  const { wrapped, sealed } = sealPupilRecord(deps.keyring, school.slug, record)
  return { id: record.facts.pupilId, ...tags, wrapped, sealed, record }
}

/** A copy in a wallet must not go on saying who decides when the court or the parents said otherwise. */
async function revokeLostAuthority(deps: Deps, tx: Tx, school: School, changed: readonly Sealed[]): Promise<void> {
  for (const batch of batches(changed)) {
    const before = new Map(
      (
        await readPupils(
          tx,
          school.slug,
          batch.map(({ id }) => id),
        )
      ).map((row) => [row.id, row]),
    )
    for (const { id, record } of batch) {
      const row = before.get(id)
      if (row !== undefined && hasLost(openPupilRecord(deps.keyring, school.slug, row), record))
        await revokeSubject(deps, tx, school, id)
    }
    await nextTurn()
  }
}

function hasLost(before: PupilRecord, after: PupilRecord): boolean {
  const authorityOf = ({ guardians }: PupilRecord) =>
    guardians.map(({ guardianId, authority, coHolderCount }) => `${guardianId} ${authority} ${coHolderCount}`)
  const still = new Set(authorityOf(after))
  return authorityOf(before).some((holder) => !still.has(holder))
}

function batches<T>(items: readonly T[]): T[][] {
  const starts = Array.from(
    { length: Math.ceil(items.length / ROWS_PER_STATEMENT) },
    (_, at) => at * ROWS_PER_STATEMENT,
  )
  return starts.map((start) => items.slice(start, start + ROWS_PER_STATEMENT))
}
