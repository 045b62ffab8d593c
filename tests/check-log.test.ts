import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { generateLogKey, type LogRecord } from '@samen/transparency-log'
import t, { type Test } from 'tap'
import { checkpointOf, type Grown, grow } from '../packages/transparency-log/test/grow-log.ts'
import { familyLog, recordOf } from '../packages/transparency-log/test/record-of.ts'

const script = new URL('../scripts/check-log.ts', import.meta.url).pathname
const key = generateLogKey('registry.example/log')
const mine = [3, 255, 299]
const then = familyLog([300], mine)
const now = familyLog([300, 400], mine)

/** A folder with a log and a record, as a guardian would keep them. */
function keep(t: Test, log: Grown = now, record: LogRecord = recordOf(then, key, mine), head = checkpointOf(log, key)) {
  const folder = t.testdir({ log: { checkpoint: head }, 'record.json': JSON.stringify(record) })
  for (const [path, bytes] of log.tiles) {
    mkdirSync(dirname(join(folder, 'log', path)), { recursive: true })
    writeFileSync(join(folder, 'log', path), bytes)
  }
  return { record: join(folder, 'record.json'), log: join(folder, 'log'), folder }
}

async function check(...args: string[]): Promise<{ exit: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [script, ...args])
  const read = async (stream: NodeJS.ReadableStream) => {
    let text = ''
    for await (const chunk of stream) text += chunk
    return text
  }
  const [out, err] = await Promise.all([read(child.stdout), read(child.stderr)])
  const exit = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once('close', resolve)))
  return { exit, out, err }
}

t.test('a true record is confirmed, entry by entry, without any network', async (t) => {
  const kept = keep(t)
  const { exit, out, err } = await check(kept.record, '--log', kept.log)
  t.equal(exit, 0, err)
  t.match(out, /entry 3: decision[\s\S]*entry 255: decision[\s\S]*entry 299: decision/)
  t.match(out, 'All 3 events of this record stand in the log')
  t.match(out, 'Next: ')
})

t.test('the log is read at the address in the record', async (t) => {
  const kept = keep(t)
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url as string)
    try {
      response.end(readFileSync(join(kept.log, (request.url as string).replace('/log/', ''))))
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`
  writeFileSync(kept.record, JSON.stringify(recordOf(then, key, mine, url)))
  t.equal((await check(kept.record)).exit, 0)
  t.match(asked, ['/log/checkpoint'])
  t.ok(asked.length > 3)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  const away = await check(kept.record)
  t.equal(away.exit, 8)
  t.match(away.err, /^\s*NOT CHECKED: the log cannot be read/)
})

t.test('a tampered entry, a forked log and a bad signature are told apart', async (t) => {
  const good = recordOf(then, key, mine)
  const tampered = {
    ...good,
    events: good.events.map((entry) => ({ ...entry, event: { ...entry.event, decision: 'yes' } })),
  }
  const a = keep(t, now, tampered)
  const tamperedVerdict = await check(a.record, '--log', a.log)
  t.equal(tamperedVerdict.exit, 4)
  t.match(tamperedVerdict.err, /TAMPERED ENTRY[\s\S]*\(entry 3\)|TAMPERED ENTRY[\s\S]*\(entry 255\)/)

  const b = keep(t, familyLog([300, 400], [3, 255]))
  const forkedVerdict = await check(b.record, '--log', b.log)
  t.equal(forkedVerdict.exit, 5)
  t.match(forkedVerdict.err, /FORKED LOG/)

  const c = keep(t, now, good, checkpointOf(now, key).replace('\n700\n', '\n701\n'))
  const signatureVerdict = await check(c.record, '--log', c.log)
  t.equal(signatureVerdict.exit, 3)
  t.match(signatureVerdict.err, /BAD SIGNATURE/)

  for (const verdict of [tamperedVerdict, forkedVerdict, signatureVerdict]) {
    t.notMatch(verdict.out, /All .* events/)
    t.ok(verdict.err.trim().split('\n').length >= 3, 'and says what to do next')
  }
})

t.test('a shortened log is a fork, an uncovered entry and damaged tiles are neither', async (t) => {
  const shortened = keep(t, familyLog([200], mine))
  t.equal((await check(shortened.record, '--log', shortened.log)).exit, 5)
  const good = recordOf(then, key, mine)
  const early = keep(t, now, { ...good, events: good.events.map((entry) => ({ ...entry, index: 300 })) })
  t.equal((await check(early.record, '--log', early.log)).exit, 6)
  const damaged = keep(t)
  writeFileSync(join(damaged.log, 'tile/0/000'), Buffer.alloc(8192))
  const { exit, err } = await check(damaged.record, '--log', damaged.log)
  t.equal(exit, 7)
  t.match(err, /DAMAGED LOG/)
})

t.test('a head that was kept at another time must be continued too', async (t) => {
  const kept = keep(t)
  const older = join(kept.folder, 'older')
  writeFileSync(older, checkpointOf(familyLog([100], mine), key))
  const { exit, out } = await check(kept.record, '--log', kept.log, '--checkpoint', older)
  t.equal(exit, 0)
  t.match(out, 'the head that you kept (100 entries)')
  writeFileSync(older, checkpointOf(grow([100]), key))
  t.equal((await check(kept.record, '--log', kept.log, '--checkpoint', older)).exit, 5)
})

t.test('the key that a guardian brings decides, not the one in the record', async (t) => {
  const kept = keep(t)
  const brought = (verifierKey: string) => check(kept.record, '--log', kept.log, '--key', verifierKey)
  t.equal((await brought(key.verifierKey)).exit, 0)
  t.equal((await brought(generateLogKey('registry.example/log').verifierKey)).exit, 3)
  t.equal((await brought('nonsense')).exit, 2)
})

t.test('a file that is no record is said to be none', async (t) => {
  const kept = keep(t)
  for (const text of ['{', '{"log":{},"events":[]}']) {
    writeFileSync(kept.record, text)
    const { exit, err } = await check(kept.record, '--log', kept.log)
    t.equal(exit, 2)
    t.match(err, /NOT CHECKED/)
  }
  t.equal((await check(join(kept.folder, 'nowhere.json'))).exit, 2)
  t.match((await check()).err, /npm run check-log/)
})

t.test('nothing in a record can write over the verdict', async (t) => {
  const good = recordOf(then, key, mine)
  const kept = keep(t, now, { ...good, log: { ...good.log, checkpoint: `\u001b[2J${good.log.checkpoint}` } })
  const { exit, out, err } = await check(kept.record, '--log', kept.log)
  t.equal(exit, 3)
  t.notOk((out + err).includes('\u001b'))
})
