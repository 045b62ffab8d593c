import t, { type Test } from 'tap'
import { checkpointOf, fetchFrom, type Grown, grow } from '../test/grow-log.ts'
import { familyLog, recordOf } from '../test/record-of.ts'
import { compareWithLog } from './compare-with-log.ts'
import type { LogErrorCode } from './log-error.ts'
import { generateLogKey } from './log-key.ts'
import type { LogRecord } from './log-record.ts'

const key = generateLogKey('registry.example/log')
const mine = [3, 255, 256, 299]
const then = familyLog([300], mine)
const now = familyLog([300, 400], mine)
const record = await recordOf(then, key, mine)

type Situation = { record?: LogRecord; log?: Grown; checkpoint?: string; verifierKey?: string }
const verify = ({ record: checked = record, log = now, checkpoint, verifierKey = key.verifierKey }: Situation = {}) =>
  compareWithLog(checked, fetchFrom(log), checkpoint ?? checkpointOf(log, key), verifierKey)
const refused = (t: Test, code: LogErrorCode, situation: Situation, index?: number) =>
  t.rejects(verify(situation), index === undefined ? { code } : { code, index }, code)

const withEntry = (at: number, changes: object): LogRecord => ({
  ...record,
  events: record.events.map((entry, i) => (i === at ? { ...entry, ...changes } : entry)),
})
const withTile = (path: string, from: Grown): Grown => ({
  ...now,
  tiles: new Map([...now.tiles, [path, from.tiles.get(path) as Buffer]]),
})

t.test('a true record is found in the log of today and in that of the day it was made', async (t) => {
  const report = await verify()
  t.same([report.events, report.earlier.size, report.current.size], [4, 300, 700])
  t.ok(report.tiles >= 4)
  t.equal((await verify({ log: then })).current.size, 300, 'nothing was added since')
})

t.test('a family without events can still see that the log is one and the same', async (t) => {
  t.equal((await verify({ record: { ...record, events: [] } })).events, 0)
  const before = await recordOf(grow([]), key, [])
  t.equal((await verify({ record: before })).earlier.size, 0, 'even from before the first entry')
})

t.test('an event that was changed after it was logged is found, and which one', async (t) => {
  await refused(
    t,
    'tampered_entry',
    { record: withEntry(1, { event: { type: 'decision', decision: 'yes', number: 255 } }) },
    255,
  )
  await refused(t, 'tampered_entry', { record: withEntry(0, { salt: Buffer.alloc(16).toString('base64url') }) }, 3)
  await refused(t, 'tampered_entry', { record: withEntry(2, { index: 257 }) }, 257)
  const rewritten = familyLog([300], [3, 255, 256])
  await refused(
    t,
    'tampered_entry',
    { record: { ...record, log: (await recordOf(rewritten, key, [])).log }, log: rewritten },
    299,
  )
})

t.test('an event that no signed head covers yet is not taken for logged', async (t) => {
  await refused(t, 'not_yet_logged', { record: withEntry(0, { index: 300 }) }, 300)
  await refused(t, 'not_yet_logged', { record: withEntry(0, { index: 9_999 }) }, 9_999)
})

t.test('a log that was rewritten, or shortened, after the record was made is found', async (t) => {
  await refused(t, 'forked_log', { log: familyLog([300, 400], [3, 255, 256]) })
  await refused(t, 'forked_log', { log: familyLog([300], [3, 255, 256]) })
  await refused(t, 'shortened_log', { log: familyLog([299], mine) })
  await refused(t, 'shortened_log', { log: familyLog([10], mine) })
  const fork = { ...record, log: (await recordOf(grow([300]), key, [])).log }
  await refused(t, 'forked_log', { record: fork, log: now })
})

t.test('a head that this log has not signed is not believed', async (t) => {
  const stranger = generateLogKey('registry.example/log')
  await refused(t, 'unknown_signer', { checkpoint: checkpointOf(now, stranger) })
  await refused(t, 'unknown_signer', { verifierKey: stranger.verifierKey })
  const forged = checkpointOf(now, key).replace('\n700\n', '\n701\n')
  await refused(t, 'bad_signature', { checkpoint: forged })
  const older = { ...record, log: { ...record.log, checkpoint: record.log.checkpoint.replace('\n300\n', '\n200\n') } }
  await refused(t, 'bad_signature', { record: older })
})

t.test('tiles that do not belong to the signed head are told apart from a forged record', async (t) => {
  const other = grow([300, 400])
  await refused(t, 'damaged_tiles', { log: withTile('tile/0/002.p/188', familyLog([700], [600])) })
  await refused(t, 'damaged_tiles', { log: withTile('tile/1/000.p/2', other) })
  await refused(t, 'damaged_tiles', { log: withTile('tile/0/001', other) })
  await refused(t, 'damaged_tiles', { log: withTile('tile/0/000', other) })
  const empty = await recordOf(grow([]), key, [])
  await refused(t, 'damaged_tiles', { record: empty, log: withTile('tile/1/000.p/2', other) })
  const gone = { ...now, tiles: new Map([...now.tiles].filter(([path]) => path !== 'tile/0/000')) }
  await refused(t, 'missing_tile', { log: gone })
})
