import type { Deps } from '../deps.ts'
import { readHistory } from './member.sql.ts'

const PAGE = 100

/** One page of all that are or were members, in the order of their ids behind `after`; `next` is the cursor, null at the end. */
export async function listHistory({ db }: Pick<Deps, 'db'>, after: string) {
  const rows = await readHistory(db, after, PAGE + 1)
  const entities = rows.slice(0, PAGE).map((row) => ({
    entity_id: row.entity_id,
    name: row.name,
    state: row.expelled_at === null ? ('member' as const) : ('expelled' as const),
    entity_types: [...row.entity_types],
    trust_marks: [...row.trust_marks],
    admitted_at: row.admitted_at.toISOString(),
    ...(row.expelled_at === null ? {} : { expelled_at: row.expelled_at.toISOString() }),
  }))
  return { entities, next: rows.length > PAGE ? (entities.at(-1)?.entity_id ?? null) : null }
}
