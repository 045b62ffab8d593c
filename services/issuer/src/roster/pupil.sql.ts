import { type Db, sql } from '@samen/pg-kit'

export interface PupilRow {
  readonly id: string
  readonly wrapped_key: Buffer
  readonly sealed: Buffer
}

/** One pupil of the tenant by the keyed tag of its sourcedId. */
export const readPupilByTag = (db: Db, sourceTag: Buffer): Promise<PupilRow | undefined> =>
  db.maybe<PupilRow>(sql`select id, wrapped_key, sealed from pupil where source_tag = ${sourceTag}`)
