import { type Db, sql, type Tx } from '@samen/pg-kit'

export interface PupilRow {
  readonly id: string
  readonly wrapped_key: Buffer
  readonly sealed: Buffer
}

/** One pupil of the school by the keyed tag of its sourcedId. */
export const readPupilByTag = (db: Db, tenant: string, sourceTag: Buffer): Promise<PupilRow | undefined> =>
  db.maybe<PupilRow>(
    sql`select id, wrapped_key, sealed from pupil where tenant = ${tenant} and source_tag = ${sourceTag}`,
  )

/** Lets imports of one school wait for each other; whatever else happens at the school goes on. */
export const lockRoster = async (tx: Tx, tenant: string): Promise<void> => {
  await tx.one(sql`select tenant from school where tenant = ${tenant} for no key update`)
}

export interface KnownPupil {
  readonly id: string
  readonly source_tag: Buffer
}

/** Every pupil of the school, without its record. */
export const listPupils = (tx: Tx, tenant: string): Promise<KnownPupil[]> =>
  tx.many<KnownPupil>(sql`select id, source_tag from pupil where tenant = ${tenant}`)

/** The sealed records of these pupils. */
export const readPupils = (tx: Tx, tenant: string, ids: readonly string[]): Promise<PupilRow[]> =>
  tx.many<PupilRow>(
    sql`select id, wrapped_key, sealed from pupil where tenant = ${tenant} and id = any (${ids}::text[])`,
  )

/** Holds these pupils until the transaction ends: nobody makes an offer from what they are about to lose. */
export const lockPupils = (tx: Tx, tenant: string, ids: readonly string[]): Promise<number> =>
  tx.run(sql`select id from pupil where tenant = ${tenant} and id = any (${ids}::text[]) order by id for update`)

export interface SealedPupil {
  readonly id: string
  readonly sourceTag: Buffer
  readonly wrapped: Buffer
  readonly sealed: Buffer
}

/** Pupils who are new on the roster. */
export const insertPupils = (tx: Tx, tenant: string, pupils: readonly SealedPupil[]): Promise<number> =>
  tx.run(sql`
    insert into pupil (tenant, id, source_tag, wrapped_key, sealed)
    select ${tenant}, p.id, p.source_tag, p.wrapped_key, p.sealed
    from unnest(${pupils.map((p) => p.id)}::text[], ${pupils.map((p) => p.sourceTag)}::bytea[],
      ${pupils.map((p) => p.wrapped)}::bytea[], ${pupils.map((p) => p.sealed)}::bytea[])
      p (id, source_tag, wrapped_key, sealed)`)

/** Replaces records, each with the data key it is sealed under: the old key is gone with the old record. */
export const updatePupils = (tx: Tx, tenant: string, pupils: readonly SealedPupil[]): Promise<number> =>
  tx.run(sql`
    update pupil set wrapped_key = p.wrapped_key, sealed = p.sealed
    from unnest(${pupils.map((p) => p.id)}::text[], ${pupils.map((p) => p.wrapped)}::bytea[],
      ${pupils.map((p) => p.sealed)}::bytea[]) p (id, wrapped_key, sealed)
    where pupil.tenant = ${tenant} and pupil.id = p.id`)

/** Deletes pupils, each with its data key. Backups made before keep both until they end. */
export const deletePupils = (tx: Tx, tenant: string, ids: readonly string[]): Promise<number> =>
  tx.run(sql`delete from pupil where tenant = ${tenant} and id = any (${ids}::text[])`)
