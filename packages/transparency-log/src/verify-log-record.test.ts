import t, { type Test } from 'tap'
import { checkpointOf, grow } from '../test/grow-log.ts'
import { familyLog, recordOf } from '../test/record-of.ts'
import type { LogErrorCode } from './log-error.ts'
import { generateLogKey } from './log-key.ts'
import { type LogRecord, readLogRecord } from './log-record.ts'
import { verifyEarlierHead, verifyLogRecord } from './verify-log-record.ts'

const key = generateLogKey('registry.example/log')
const mine = [3, 255, 256, 299]
const then = familyLog([300], mine)
const now = familyLog([300, 400], mine)
const record = await recordOf(now, key, mine, { since: 300 })

const refused = (t: Test, code: LogErrorCode, checked: LogRecord, index?: number) =>
  t.throws(() => verifyLogRecord(checked, key.verifierKey), index === undefined ? { code } : { code, index }, code)
const withEntry = (at: number, changes: object): LogRecord => ({
  ...record,
  events: record.events.map((entry, i) => (i === at ? { ...entry, ...changes } : entry)),
})

t.test('a true record proves itself, with no log at hand', async (t) => {
  t.equal(verifyLogRecord(record, key.verifierKey).size, 700)
  t.equal(verifyLogRecord(await recordOf(grow([]), key, []), key.verifierKey).size, 0, 'also an empty one')
})

t.test('an event that was changed, or proved as another entry, is found', async (t) => {
  await refused(t, 'tampered_entry', withEntry(1, { event: { type: 'decision', decision: 'yes', number: 255 } }), 255)
  await refused(t, 'tampered_entry', withEntry(0, { salt: Buffer.alloc(16).toString('base64url') }), 3)
  await refused(t, 'tampered_entry', withEntry(2, { index: 257 }), 257)
  await refused(t, 'tampered_entry', withEntry(2, { proof: record.events[1]?.proof }), 256)
  await refused(t, 'tampered_entry', withEntry(2, { proof: [] }), 256)
  await refused(t, 'not_yet_logged', withEntry(0, { index: 700 }), 700)
})

t.test('a head that this log has not signed proves nothing', async (t) => {
  const stranger = generateLogKey('registry.example/log')
  t.throws(() => verifyLogRecord(record, stranger.verifierKey), { code: 'unknown_signer' })
  const forged = { ...record, log: { ...record.log, checkpoint: record.log.checkpoint.replace('\n700\n', '\n701\n') } }
  await refused(t, 'bad_signature', forged)
})

t.test('a head that was kept earlier has to be the beginning of the one in the record', async (t) => {
  const earlier = (text: string, checked = record) => verifyEarlierHead(checked, text, key.verifierKey)
  t.equal(earlier(checkpointOf(then, key)).size, 300)
  t.equal(earlier(record.log.checkpoint).size, 700, 'nothing was added since')
  t.throws(() => earlier(checkpointOf(grow([701]), key)), { code: 'shortened_log' })
  t.throws(() => earlier(checkpointOf(grow([700]), key)), { code: 'forked_log' })
  t.throws(() => earlier(checkpointOf(grow([300]), key)), { code: 'invalid_proof' }, 'another past of the same length')
  t.throws(() => earlier(checkpointOf(familyLog([200], mine), key)), { code: 'unproved_growth' })
  const bare = await recordOf(now, key, mine)
  t.throws(() => earlier(checkpointOf(then, key), bare), { code: 'unproved_growth' })
  t.throws(() => earlier(checkpointOf(then, generateLogKey('registry.example/log'))), { code: 'unknown_signer' })
})

t.test('only a file with the form of a record is read as one', async (t) => {
  t.same(readLogRecord({ ...record, consents: [] } as never), { ...record, consents: [] })
  const [first] = record.events
  const wrong = [
    null,
    [],
    {},
    { log: record.log },
    { ...record, log: { ...record.log, checkpoint: 1 } },
    { ...record, log: { url: '' } },
    { ...record, events: {} },
    { ...record, events: [null] },
    { ...record, events: [{ ...first, event: 'text' }] },
    { ...record, events: [{ ...first, salt: 'AAAA' }] },
    { ...record, events: [{ ...first, salt: `${first?.salt}=` }] },
    { ...record, events: [{ ...first, index: -1 }] },
    { ...record, events: [{ ...first, index: '3' }] },
    { ...record, events: [{ ...first, proof: undefined }] },
    { ...record, events: [{ ...first, proof: ['AAAA'] }] },
    { ...record, events: [{ ...first, proof: Array(129).fill(first?.proof[0]) }] },
    { ...record, log: { ...record.log, consistency: [] } },
    { ...record, log: { ...record.log, consistency: { from: -1, proof: [] } } },
    { ...record, log: { ...record.log, consistency: { from: 3, proof: [1] } } },
  ]
  for (const value of wrong)
    t.throws(() => readLogRecord(value as never), { code: 'malformed_record' }, JSON.stringify(value))
})
