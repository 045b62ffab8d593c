import type { PublicJwk } from '@samen/jwt-profile'
import { json, type Statements, sql } from '@samen/pg-kit'

export interface MemberRow {
  readonly entity_id: string
  readonly name: string
  readonly jwks: readonly PublicJwk[]
  readonly entity_types: readonly string[]
  readonly trust_marks: readonly string[]
  readonly admitted_at: Date
}

/** Everybody who is a member now. */
export const readMembers = (db: Statements): Promise<MemberRow[]> =>
  db.many<MemberRow>(sql`
    select entity_id, name, jwks, entity_types, trust_marks, admitted_at from member
    where expelled_at is null order by entity_id`)

/** Admits a member, or admits it again with what it publishes now; a member that was expelled begins anew. */
export const saveMember = (db: Statements, member: MemberRow): Promise<number> =>
  db.run(sql`
    insert into member (entity_id, name, jwks, entity_types, trust_marks, admitted_at)
    values (${member.entity_id}, ${member.name}, ${json(member.jwks)}, ${json(member.entity_types)},
      ${json(member.trust_marks)}, ${member.admitted_at})
    on conflict (entity_id) do update set name = excluded.name, jwks = excluded.jwks, entity_types = excluded.entity_types,
      trust_marks = excluded.trust_marks, expelled_at = null,
      admitted_at = case when member.expelled_at is null then member.admitted_at else excluded.admitted_at end`)

/** True when somebody was a member and is no longer. */
export const markExpelled = async (db: Statements, entityId: string, at: Date): Promise<boolean> =>
  (await db.run(sql`update member set expelled_at = ${at} where entity_id = ${entityId} and expelled_at is null`)) === 1
