import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PURPOSE_MESSAGE } from '@samen/consent'
import { sql } from '@samen/pg-kit'
import type { JsonObject } from '@samen/strict-json'
import { until } from '@samen/test-kit'
import { openCheckpoint, signCheckpoint } from '@samen/transparency-log'
import t from 'tap'
import { signLists } from '../src/consent-list/sign-lists.ts'
import { appendEvent } from '../src/log/append-event.ts'
import type { LogHead } from '../src/log/log.sql.ts'
import { openLog } from '../src/log/open-log.ts'
import { sequenceLog } from '../src/log/sequence-log.ts'
import { agreeOnPurpose, holdGuardianship, openRequest, purposeOf } from './support/members.ts'
import { openTestDeps, startWorld, type World } from './support/registry.ts'
import { begin, comeBack, decide, respond } from './support/wallet.ts'

const headOf = ({ deps }: World) => deps.db.one<LogHead>(sql`select size, root, checkpoint from log_head`)
const append = ({ deps }: World) =>
  deps.db.transaction((tx) => appendEvent(deps, tx, { handle: undefined, event: { type: 'test' } }))
/** Puts another head into the database, past the triggers. */
const setHead = ({ deps }: World, head: LogHead) =>
  deps.db.transaction(async (tx) => {
    await tx.run(sql`alter table log_head disable trigger user`)
    await tx.run(sql`update log_head set size = ${head.size}, root = ${head.root}, checkpoint = ${head.checkpoint}`)
    await tx.run(sql`alter table log_head enable trigger user`)
  })

t.test('a database set back while the process runs stops lists, decisions and log', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const { school, app, purpose } = await agreeOnPurpose(world)
  const hold = () => holdGuardianship(world, school, { child: 'kim', guardian: 'mother', apps: [app], others: 0 })
  const handle = await openRequest(world, school, app, purpose)
  const open = await openRequest(world, school, app, purpose)
  await decide(world, handle, 'yes', hold())
  await until('the receipt arrived', () => app.receipts.length === 1)
  const before = await sequenceLog(deps)
  await decide(world, handle, 'withdraw', hold())
  const { size } = await sequenceLog(deps)
  t.ok(size > before.size)
  const begun = await begin(world, open, 'yes')
  const answered = await respond(world, begun.body.authorization_request, hold())
  const { list } = await deps.db.one<{ list: string }>(sql`select list from consent_request where handle = ${handle}`)
  await signLists(deps)
  t.equal((await world.call('GET', `/consent-lists/${list}`)).status, 200)
  t.equal((await world.call('GET', '/healthz')).status, 200)

  await setHead(world, before)
  await append(world)
  await t.rejects(sequenceLog(deps), { code: 'temporarily_unavailable' })
  await t.rejects(signLists(deps), { code: 'temporarily_unavailable' })
  t.equal((await headOf(world)).size, before.size, 'nothing was placed')
  world.clock.advance(11)
  t.equal((await world.call('GET', `/consent-lists/${list}`)).status, 503, 'verifiers fail closed within a lease')
  t.equal((await comeBack(world, answered, begun)).status, 503)
  t.equal((await world.call('POST', `/requests/${open}/decisions`, { form: { decision: 'yes' } })).status, 503)
  const message = { purpose: purposeOf(world) as unknown as JsonObject }
  t.equal((await app.send('/v1/purposes', PURPOSE_MESSAGE.typ, message)).status, 503)
  t.equal(
    (await world.call('GET', '/log/tile/0/000.p/1')).status,
    503,
    'what nobody can vouch for is not kept for a year',
  )
  const health = await world.call('GET', '/healthz')
  t.same([health.status, health.body.status], [503, 'log-stopped'])
  t.equal(world.logLines.filter((line) => /the log is stopped/.test(line)).length, 1)
  t.equal(
    (await world.call('GET', '/log/checkpoint')).text,
    (await deps.head.current()).checkpoint,
    'the last good head',
  )
  await setHead(world, deps.head.current())
  await t.rejects(
    sequenceLog(deps),
    { code: 'temporarily_unavailable' },
    'it stays stopped until somebody has looked and starts it again',
  )
  await t.resolves(openTestDeps(world.config, world).then((second) => second.close()))
})

t.test('which heads of the database a process believes', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  await append(world)
  const good = await sequenceLog(deps)
  const forged = (size: number): LogHead => {
    const root = Buffer.alloc(32, 7)
    return { size, root, checkpoint: signCheckpoint(deps.keys.log, { size, root }) }
  }
  const second = () => openTestDeps(world.config, world)

  t.test('a longer log that another process made is taken when it begins with the one that was seen', async (t) => {
    const other = await second()
    await append(world)
    const longer = await sequenceLog(deps)
    t.ok(longer.size > good.size)
    t.equal((await sequenceLog(other)).size, longer.size)
    await append(world)
    t.equal((await sequenceLog(other)).size, longer.size + 1)
    t.equal((await sequenceLog(deps)).size, longer.size + 1)
    await other.close()
  })

  t.test('of eight readers at the same moment none is misled by what the others have placed meanwhile', async (t) => {
    const other = await second()
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([append(world), ...[deps, other, deps, other, deps, other].map((each) => sequenceLog(each))])
    }
    t.equal((await sequenceLog(other)).size, (await sequenceLog(deps)).size)
    await other.close()
  })

  t.test('what was kept outside the database never goes back, whichever process keeps it', async (t) => {
    const file = join(mkdtempSync(join(tmpdir(), 'samen-log-')), 'checkpoint')
    t.teardown(() => rmSync(join(file, '..'), { recursive: true }))
    const open = () => openLog({ db: deps.db, key: deps.keys.log, file, log: deps.log })
    const [one, two] = [await open(), await open()]
    const { size } = await headOf(world)
    await one.show(forged(size + 10))
    await two.show(forged(size + 7))
    t.equal(openCheckpoint(readFileSync(file, 'utf8'), deps.keys.log.verifierKey).size, size + 10)
  })

  t.test('another log of the same length, or a longer one with another past, stops the process', async (t) => {
    const head = await sequenceLog(deps)
    for (const size of [head.size, head.size + 1]) {
      const other = await second()
      await setHead(world, forged(size))
      await t.rejects(sequenceLog(other), { code: 'temporarily_unavailable' }, `${size - head.size} longer`)
      await t.rejects(sequenceLog(other), { code: 'temporarily_unavailable' }, 'and it stays so')
      await setHead(world, head)
      await other.close()
    }
  })
})
