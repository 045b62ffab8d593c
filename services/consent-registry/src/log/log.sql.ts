import { type Statements, sql, type Tx } from '@samen/pg-kit'

export type LogHead = { size: number; root: Buffer; checkpoint: string }
export type StoredTile = { level: number; idx: number; bytes: Buffer }
/** `sealed` holds event and salt; `handle` is null for what concerns no request */
export type LogEventRow = { id: string; handle: string | null; commitment: Buffer; sealed: Buffer; at: Date }

/** Queues an event for its place in the log, in the transaction of what happened. */
export const insertEvent = (tx: Tx, row: LogEventRow) =>
  tx.run(sql`insert into log_event (id, handle, commitment, sealed_event, at)
    values (${row.id}, ${row.handle}, ${row.commitment}, ${row.sealed}, ${row.at})`)

/** Undefined before the first start has made the log. */
export const readHead = (db: Statements) => db.maybe<LogHead>(sql`select size, root, checkpoint from log_head`)

/** Begins the log; the first process to do so wins. */
export const startHead = (db: Statements, head: LogHead) =>
  db.run(sql`insert into log_head (size, root, checkpoint) values (${head.size}, ${head.root}, ${head.checkpoint})
    on conflict (single) do nothing`)

/**
 * The head and what waits behind it, of one moment: read apart, an event could be placed in between and then again.
 * Commitments are hex.
 */
export const readHeadAndPending = (db: Statements, limit: number) =>
  db.maybe<LogHead & { ids: string[]; commitments: string[] }>(sql`
    select size, root, checkpoint, ids, commitments
    from log_head, lateral (
      select coalesce(array_agg(id order by queued_at, id), '{}') as ids,
        coalesce(array_agg(encode(commitment, 'hex') order by queued_at, id), '{}') as commitments
      from (select id, commitment, queued_at from log_event where idx is null order by queued_at, id limit ${limit}) as e) as pending`)

/** Those of the tiles at these places that exist; the two lists go side by side. */
export const readTileRows = (db: Statements, levels: readonly number[], indices: readonly number[]) =>
  db.many<StoredTile>(sql`
    select level, idx, bytes from log_tile
    where (level, idx) in (select * from unnest(${levels}::integer[], ${indices}::bigint[]))`)

/** One tile; undefined where there is none yet. */
export const readTileRow = (db: Statements, level: number, index: number) =>
  db.maybe<StoredTile>(sql`select level, idx, bytes from log_tile where level = ${level} and idx = ${index}`)

/**
 * Moves the head, writes the tiles and gives the events their places, all or nothing: only when the head still is where the
 * caller built upon (compare and swap on size). Whoever comes at the same time waits for the lock and then finds it moved.
 * True when it was done.
 */
export const extendLog = async (
  db: Statements,
  from: number,
  head: LogHead,
  tiles: readonly StoredTile[],
  ids: readonly string[],
) => {
  const { done } = await db.one<{ done: boolean }>(sql`
    with moved as (
      update log_head set size = ${head.size}, root = ${head.root}, checkpoint = ${head.checkpoint}
      where pg_advisory_xact_lock(hashtext('samen.log')) is not null and size = ${from}
      returning 1),
    tiled as (
      insert into log_tile (level, idx, bytes)
        select level, idx, bytes
        from unnest(${tiles.map((tile) => tile.level)}::integer[], ${tiles.map((tile) => tile.idx)}::bigint[],
          ${tiles.map((tile) => tile.bytes)}::bytea[]) as t (level, idx, bytes)
        where exists (select from moved)
      on conflict (level, idx) do update set bytes = excluded.bytes),
    placed as (
      update log_event set idx = ${from}::bigint + p.position - 1
      from unnest(${ids}::text[]) with ordinality as p (id, position)
      where log_event.id = p.id and exists (select from moved))
    select exists (select from moved) as done`)
  return done
}
