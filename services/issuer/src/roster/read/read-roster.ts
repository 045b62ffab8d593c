import type { Sector } from '../../school/school.ts'
import { type AcceptedRows, countPupils, joinPupil, type RosterPupil } from './build-pupils.ts'
import { findGuardians } from './find-guardians.ts'
import { DEMOGRAPHICS } from './oneroster-files.ts'
import { openRosterZip, ZIP_LIMITS } from './open-roster-zip.ts'
import { ageAnswers, type Demographics, readDemographics } from './read-demographics.ts'
import { type Enrolments, readEnrollments } from './read-enrollments.ts'
import { readManifest } from './read-manifest.ts'
import { type Roles, readRoles } from './read-roles.ts'
import { readStructure } from './read-structure.ts'
import { readUsers, type Users } from './read-users.ts'
import { createRejections, type RejectedRow, type Rejections } from './row-rejections.ts'

/** What one school takes out of a board's delivery. */
export interface Roster {
  /** `2026-2027` */
  readonly schoolYear: string
  /** its last day, `YYYY-MM-DD` */
  readonly schoolYearEnd: string
  readonly boardId: string | undefined
  readonly pupils: readonly RosterPupil[]
  /** pupils of this school whom the delivery names, but in no row that can be used: they stay as they are */
  readonly doubtful: readonly string[]
  /** people whom no usable row of roles.csv places at any school: whoever of them is known as a pupil stays as well */
  readonly unplaced: readonly string[]
  readonly accepted: AcceptedRows
  readonly rejected: readonly RejectedRow[]
  readonly rejectedCount: number
}

export interface RosterSchool {
  readonly brin: string
  readonly sector: Sector
}

/**
 * Reads a OneRoster 1.2 zip of a board for one of its schools. `today` is `YYYY-MM-DD`. Pure: nothing is stored, and what is
 * not returned is gone. A large board keeps a processor busy for seconds, so a service calls `readRosterApart`.
 * Throws RosterRefusal when the delivery as a whole cannot be used.
 */
export async function readRoster(bytes: Buffer, school: RosterSchool, today: string): Promise<Roster> {
  const rejections = createRejections()
  const about = { today, rejections }
  const zip = await openRosterZip(bytes, ZIP_LIMITS)
  const manifest = await readManifest(zip)
  const structure = await readStructure(zip, manifest, { ...about, brin: school.brin })
  const roles = await readRoles(zip, structure, about)
  const users = await readUsers(zip, roles, rejections)
  reportUnknownUsers(roles, users, rejections)
  const enrolments = await readEnrollments(zip, { structure, roles, users }, about)
  const schoolYearEnd = structure.schoolYear.end
  const hasAges = manifest.has(DEMOGRAPHICS)
  const ages = hasAges
    ? await readDemographics(zip, { roles, users, schoolYearEnd, sector: school.sector }, about)
    : NO_DEMOGRAPHICS
  const pupils: RosterPupil[] = []
  for (const row of users.pupils) {
    pupils.push(
      joinPupil(row, {
        came: roles.pupils.get(row.sourcedId) ?? '',
        enrolment: enrolments.byPupil.get(row.sourcedId),
        hasMoved: enrolments.moved.has(row.sourcedId),
        age: ages.answers.get(row.sourcedId) ?? ageAnswers('', schoolYearEnd, today, school.sector),
        isAgeMissing: hasAges && !ages.answers.has(row.sourcedId),
        authority: findGuardians(row, { roles, users }, rejections),
      }),
    )
  }
  const classes = [...structure.classes.values()].filter(({ org }) => org === structure.schoolOrg).length
  return {
    schoolYear: `${structure.schoolYear.start.slice(0, 4)}-${schoolYearEnd.slice(0, 4)}`,
    schoolYearEnd,
    boardId: structure.boardId,
    pupils,
    doubtful: doubtfulPupils(roles, users, enrolments),
    unplaced: [...new Set([...roles.unplaced, ...users.unplaced, ...ages.unplaced])],
    accepted: { ...countPupils(pupils), enrolments: enrolments.accepted, classes },
    rejected: rejections.rows,
    rejectedCount: rejections.total,
  }
}

const NO_DEMOGRAPHICS: Demographics = { answers: new Map(), unplaced: new Set() }

function reportUnknownUsers(roles: Roles, users: Users, rejections: Rejections): void {
  for (const { row, user } of roles.rows)
    if (!users.known.has(user)) rejections.reject('roles.csv', row, 'unknown-user')
}

/** Named as a pupil of this school today, but not readable: no proof that the school dropped them. */
function doubtfulPupils(roles: Roles, users: Users, { unplaced }: Enrolments): string[] {
  const isRead = new Set(users.pupils.map((pupil) => pupil.sourcedId))
  return [...new Set([...roles.doubtful, ...roles.pupils.keys(), ...unplaced])].filter(
    (sourcedId) => !isRead.has(sourcedId),
  )
}
