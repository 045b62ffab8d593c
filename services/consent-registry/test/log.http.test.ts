import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from '@samen/pg-kit'
import { until } from '@samen/test-kit'
import {
  openCheckpoint,
  proveConsistency,
  readTiles,
  signCheckpoint,
  TILE_WIDTH,
  verifyConsistency,
} from '@samen/transparency-log'
import t from 'tap'
import { appendEvent } from '../src/log/append-event.ts'
import { openLog } from '../src/log/open-log.ts'
import { sequenceLog } from '../src/log/sequence-log.ts'
import { openTestDeps, startWorld } from './support/registry.ts'

t.test('the log that nobody can rewrite unseen', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const { verifierKey } = deps.keys.log
  const append = (count: number) =>
    deps.db.transaction(async (tx) => {
      for (let i = 0; i < count; i += 1) await appendEvent(deps, tx, { handle: undefined, event: { type: 'test', i } })
    })
  const published = async () => openCheckpoint((await world.call('GET', '/log/checkpoint')).text, verifierKey)
  const fetchTile = async (path: string) => {
    const reply = await fetch(`${world.url}/log/${path}`)
    return reply.ok ? Buffer.from(await reply.arrayBuffer()) : undefined
  }
  const reaches = (size: number) => until(`the log has ${size} entries`, async () => (await published()).size >= size)

  t.test('an empty log has a signed head', async (t) => {
    t.equal((await published()).size, 0)
  })

  t.test('events get their places soon, in order, and each new head contains the one before', async (t) => {
    let before = await published()
    for (const count of [1, 5, TILE_WIDTH, 3]) {
      await append(count)
      await reaches(before.size + count)
      const now = await published()
      t.equal(now.size, before.size + count)
      const proof = await proveConsistency(readTiles(now.size, fetchTile), before.size)
      verifyConsistency({ oldSize: before.size, oldRoot: before.root, newSize: now.size, newRoot: now.root }, proof)
      before = now
    }
  })

  t.test('what was rolled back is not in the log', async (t) => {
    const before = await published()
    await t.rejects(
      deps.db.transaction(async (tx) => {
        await appendEvent(deps, tx, { handle: undefined, event: { type: 'never' } })
        throw new Error('changed my mind')
      }),
    )
    await sequenceLog(deps)
    t.equal((await published()).size, before.size)
  })

  t.test('eight sequencers at once make one log, without gap or double place', async (t) => {
    const before = await published()
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([append(5), ...Array.from({ length: 8 }, () => sequenceLog(deps))])
    }
    await reaches(before.size + 50)
    const { count, places, last } = await deps.db.one<{ count: number; places: number; last: number }>(
      sql`select count(*) as count, count(distinct idx) as places, max(idx) as last from log_event`,
    )
    t.same([count, places, last], [before.size + 50, before.size + 50, before.size + 49])
  })

  t.test('tiles and bundles of entries are served as they were signed, and nothing else is', async (t) => {
    const { size } = await published()
    t.ok(size > TILE_WIDTH)
    t.equal((await fetchTile('tile/0/000'))?.length, TILE_WIDTH * 32)
    t.equal((await fetchTile('tile/0/000.p/7'))?.length, 7 * 32)
    t.equal((await fetchTile('tile/entries/000'))?.length, TILE_WIDTH * 34)
    t.equal((await fetchTile('tile/1/000.p/1'))?.length, 32)
    for (const path of [
      'tile/0/001',
      'tile/0/000.p/256',
      'tile/0/0',
      'tile/-1/000',
      'tile/64/000',
      'tile/0/x000/000',
    ]) {
      t.equal(await fetchTile(path), undefined, path)
    }
    const full = await fetch(`${world.url}/log/tile/0/000`)
    t.match(full.headers.get('cache-control'), 'immutable')
  })

  t.test('the database itself refuses to shorten, move or rewrite', async (t) => {
    const refused = [
      sql`update log_head set size = size - 1`,
      sql`delete from log_head`,
      sql`update log_tile set bytes = '\\x00' where level = 0 and idx = 0`,
      sql`delete from log_tile where idx = 0`,
      sql`update log_event set idx = idx + 1000 where idx = 0`,
      sql`update log_event set commitment = sha256('x') where idx = 0`,
    ]
    for (const statement of refused) await t.rejects(deps.db.run(statement))
  })

  t.test('a start with a database that is older than the last signed head is refused', async (t) => {
    const { size, root } = await published()
    const file = join(mkdtempSync(join(tmpdir(), 'samen-log-')), 'checkpoint')
    t.teardown(() => rmSync(join(file, '..'), { recursive: true }))
    const open = () => openLog({ db: deps.db, key: deps.keys.log, file, log: deps.log })
    writeFileSync(file, signCheckpoint(deps.keys.log, { size: size + 1, root }))
    await t.rejects(open(), /older than the last checkpoint/)
    writeFileSync(file, signCheckpoint(deps.keys.log, { size: size - 1, root }))
    await t.rejects(open(), /another past/)
    writeFileSync(file, 'rubbish')
    await t.rejects(open())
    writeFileSync(file, signCheckpoint(deps.keys.log, { size, root }))
    t.equal((await open()).current()?.size, size)
  })

  t.test('the last signed head is kept outside the database', async (t) => {
    await append(1)
    const { size } = await sequenceLog(deps)
    await until('the file has it', () => {
      const kept = openCheckpoint(readFileSync(join(world.config.dataDirectory, 'checkpoint'), 'utf8'), verifierKey)
      return kept.size >= size
    })
    t.ok(size > 0)
  })

  t.test('a second process over the same database goes on with the same keys and the same log', async (t) => {
    const second = await openTestDeps(world.config, world)
    t.equal(second.keys.log.verifierKey, verifierKey)
    t.equal(second.keys.federation.kid, deps.keys.federation.kid)
    const before = await published()
    await append(10)
    await Promise.all([sequenceLog(second), sequenceLog(deps)])
    await reaches(before.size + 10)
    await second.close()
  })

  t.test('a process without the keyring of its database does not start', async (t) => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'samen-keys-'))
    t.teardown(() => rmSync(elsewhere, { recursive: true }))
    await t.rejects(openTestDeps({ ...world.config, dataDirectory: elsewhere }, world))
    writeFileSync(join(elsewhere, 'keyring'), Buffer.alloc(32, 7), { mode: 0o600 })
    await t.rejects(openTestDeps({ ...world.config, dataDirectory: elsewhere }, world), /not the one with which/)
  })

  t.test('tiles that do not add up to the signed head stop the log', async (t) => {
    const edge = Math.floor((await published()).size / TILE_WIDTH)
    await deps.db.run(sql`alter table log_tile disable trigger tile_only_grows`)
    await deps.db.run(
      sql`update log_tile set bytes = sha256('x') || substring(bytes from 33) where level = 0 and idx = ${edge}`,
    )
    await append(1)
    await t.rejects(sequenceLog(deps), /does not add up/)
    const { waiting } = await deps.db.one<{ waiting: number }>(
      sql`select count(*) as waiting from log_event where idx is null`,
    )
    t.equal(waiting, 1)
  })
})
