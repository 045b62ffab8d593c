import type { PublicJwk } from '@samen/jwt-profile'
import { json, type Statements, sql, type Tx } from '@samen/pg-kit'
import type { KnownMember } from './members.ts'

export interface MemberRow {
  readonly entity_id: string
  readonly name: string
  readonly jwks: readonly PublicJwk[]
  readonly entity_types: readonly string[]
  readonly trust_marks: readonly string[]
  readonly admitted_at: Date
}

/** Everybody who is a member now, with the certificates of their keys. */
export const readMembers = (db: Statements): Promise<KnownMember[]> =>
  db.many<KnownMember>(sql`
    select entity_id, name, jwks, entity_types, trust_marks, admitted_at,
      (select coalesce(jsonb_object_agg(c.kid, c.x5c), '{}') from certificate c
        where c.entity_id = m.entity_id and c.x5c is not null) as certificates
    from member m where expelled_at is null order by entity_id`)

/** Everybody who is or was a member, behind `after` in the order of their ids. */
export const readHistory = (db: Statements, after: string, limit: number) =>
  db.many<MemberRow & { expelled_at: Date | null }>(sql`
    select entity_id, name, jwks, entity_types, trust_marks, admitted_at, expelled_at from member
    where entity_id > ${after} order by entity_id limit ${limit}`)

/** How an entity stands: `expelled_at` is null while it is a member. */
export type Standing = { readonly admitted_at: Date; readonly expelled_at: Date | null }

/** Undefined for an entity that never was a member. */
export const readStanding = (db: Statements, entityId: string): Promise<Standing | undefined> =>
  db.maybe<Standing>(sql`select admitted_at, expelled_at from member where entity_id = ${entityId}`)

/**
 * Admits a member, or admits it again with what it publishes now; a member that was expelled begins anew. False when it was expelled
 * after it was `seen`, even if somebody has admitted it again since; two that admit at once both succeed.
 */
export const saveMember = async (tx: Tx, member: MemberRow, seen: Standing | undefined): Promise<boolean> =>
  (await tx.run(sql`
    insert into member (entity_id, name, jwks, entity_types, trust_marks, admitted_at)
    values (${member.entity_id}, ${member.name}, ${json(member.jwks)}, ${json(member.entity_types)},
      ${json(member.trust_marks)}, ${member.admitted_at})
    on conflict (entity_id) do update set name = excluded.name, jwks = excluded.jwks, entity_types = excluded.entity_types,
      trust_marks = excluded.trust_marks, expelled_at = null,
      admitted_at = case when member.expelled_at is null then member.admitted_at else excluded.admitted_at end
    where case when member.expelled_at is null
      then member.admitted_at = coalesce(${seen?.expelled_at === null ? seen.admitted_at : null}, member.admitted_at)
      else member.expelled_at = ${seen?.expelled_at ?? null} end`)) === 1

/** True when somebody was a member and is no longer. */
export const markExpelled = async (tx: Tx, entityId: string, at: Date): Promise<boolean> =>
  (await tx.run(sql`update member set expelled_at = ${at} where entity_id = ${entityId} and expelled_at is null`)) === 1

/** Says in the transaction of a change that what is published has changed. */
export const bumpDirectory = (tx: Tx): Promise<number> => tx.run(sql`update directory set version = version + 1`)

/** Another after every change of what is published. */
export const readDirectoryVersion = async (db: Statements): Promise<string> =>
  (await db.one<{ version: string }>(sql`select version::text as version from directory`)).version
