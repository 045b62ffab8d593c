import { createHmac } from 'node:crypto'
import type { School } from '../school/school.ts'

/**
 * Ids of the school's administration are never stored: only these tags, made with a key of the school that is sealed
 * outside the database. With the roster in hand but without that key nobody can tell which row is whose.
 */
export function pupilTag(school: Pick<School, 'rosterKey'>, sourcedId: string): Buffer {
  return tag(school, 'pupil', sourcedId)
}

/** base64url; the same person has the same id for every child at one school, and another one at every other school. */
export function guardianId(school: Pick<School, 'rosterKey'>, sourcedId: string): string {
  return tag(school, 'guardian', sourcedId).toString('base64url')
}

/** base64url; the same for everybody in a class, and without a meaning outside this school. */
export function classRef(school: Pick<School, 'rosterKey'>, sourcedId: string): string {
  return tag(school, 'class', sourcedId).subarray(0, 16).toString('base64url')
}

/** The purpose comes first and holds no NUL, so no two purposes can meet. */
function tag(school: Pick<School, 'rosterKey'>, purpose: string, sourcedId: string): Buffer {
  return createHmac('sha256', school.rosterKey).update(`${purpose}\0`).update(sourcedId, 'utf8').digest()
}
