import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { generateSigningKey } from '@samen/jwt-profile'
import { generateLogKey } from '@samen/transparency-log'
import t, { type Test } from 'tap'
import { checkpointOf, type Grown, grow } from '../../packages/transparency-log/test/grow-log.ts'
import { anchorFile, key, logOf, makeFamily, PLACES, recordOf } from './make-record.ts'

const script = new URL('../../scripts/check-log/check-log.ts', import.meta.url).pathname
const family = makeFamily()
const then = logOf(family, [300])
const now = logOf(family, [300, 400])
const record = await recordOf(family, now, 300)

type FamilyRecord = typeof record
type Verdict = { exit: number | null; out: string; err: string }

/** A folder with a record, an earlier head, the federation's file and a copy of the log, as a guardian would keep them. */
function keep(t: Test, { log = now, kept = record }: { log?: Grown; kept?: unknown } = {}) {
  const folder = t.testdir({
    log: { checkpoint: checkpointOf(log, key) },
    'record.json': JSON.stringify(kept),
    'anchor.json': anchorFile,
    earlier: checkpointOf(then, key),
  })
  for (const [path, bytes] of log.tiles) {
    mkdirSync(dirname(join(folder, 'log', path)), { recursive: true })
    writeFileSync(join(folder, 'log', path), bytes)
  }
  const at = (name: string) => join(folder, name)
  return { folder, record: at('record.json'), log: at('log'), anchor: at('anchor.json'), earlier: at('earlier') }
}

async function check(...args: string[]): Promise<Verdict> {
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

/** A record after somebody worked on a copy of it. */
function changed(change: (copy: FamilyRecord) => void): FamilyRecord {
  const copy = structuredClone(record)
  change(copy)
  return copy
}

const first = (copy: FamilyRecord) => copy.consents[0] as FamilyRecord['consents'][0]

t.test('a true record is confirmed with nothing but the file: entries, growth, decisions, states', async (t) => {
  const kept = keep(t)
  const { exit, out, err } = await check(kept.record, '--earlier', kept.earlier, '--anchor', kept.anchor)
  t.equal(exit, 0, err)
  for (const place of PLACES) t.match(out, `inclusion    entry ${place} is in that log`)
  t.match(out, 'consistency  that log begins with the 300 entries of the head that you kept')
  t.match(out, 'all 3 were signed, word and text, with the key of a credential of the school')
  t.match(out, 'All 5 entries of this record stand in the log, and what it shows follows from them')
  t.match(out, 'Next: ')
  const alone = await check(kept.record)
  t.equal(alone.exit, 0)
  t.match(alone.out, /With --anchor it is also checked that the school gave the keys/, 'who gives no anchor is told')
})

t.test('a record that contradicts its log, and a decision that nobody signed, are told apart', async (t) => {
  const kept = keep(t)
  writeFileSync(kept.record, JSON.stringify(changed((copy) => Object.assign(first(copy), { state: 'given' }))))
  const contradicted = await check(kept.record)
  t.equal(contradicted.exit, 9)
  t.match(contradicted.err, /CONTRADICTION[\s\S]*it says given, and the log says withdrawn/)
  const made = makeFamily({ signer: generateSigningKey() })
  writeFileSync(kept.record, JSON.stringify(await recordOf(made, logOf(made, [300]))))
  const forged = await check(kept.record)
  t.equal(forged.exit, 10)
  t.match(forged.err, /FORGED DECISION/)
  for (const { out } of [contradicted, forged]) t.notMatch(out, /All .* entries/)
})

t.test('an entry that was changed after it was logged, and a head that is not signed, are told apart', async (t) => {
  const kept = keep(t)
  const verdict = async (copy: FamilyRecord) => {
    writeFileSync(kept.record, JSON.stringify(copy))
    return check(kept.record)
  }
  const tampered = await verdict(changed(({ events }) => Object.assign(events[1]?.event ?? {}, { decision: 'no' })))
  t.equal(tampered.exit, 4)
  t.match(tampered.err, /TAMPERED ENTRY[\s\S]*\(entry 200\)/)
  const early = await verdict(changed(({ events }) => Object.assign(events[0] ?? {}, { index: 700 })))
  t.equal(early.exit, 6)
  const unsigned = await verdict(
    changed(({ log }) => Object.assign(log, { checkpoint: log.checkpoint.replace('\n700\n', '\n701\n') })),
  )
  t.equal(unsigned.exit, 3)
  t.match(unsigned.err, /BAD SIGNATURE/)
  for (const { out, err } of [tampered, early, unsigned]) {
    t.notMatch(out, /All .* entries/)
    t.ok(err.trim().split('\n').length >= 3, 'and says what to do next')
  }
})

t.test('a head that was kept has to be continued, as the record itself proves', async (t) => {
  const kept = keep(t)
  const against = (head: string) => {
    writeFileSync(kept.earlier, head)
    return check(kept.record, '--earlier', kept.earlier)
  }
  t.equal((await against(JSON.stringify(await recordOf(family, then)))).exit, 0, 'an earlier record')
  t.equal((await against(checkpointOf(now, key))).exit, 0, 'the same head')
  t.equal((await against(checkpointOf(grow([701]), key))).exit, 5, 'a longer log')
  t.equal((await against(checkpointOf(grow([700]), key))).exit, 5, 'another log of the same length')
  const unproved = await against(checkpointOf(grow([300]), key))
  t.equal(unproved.exit, 11, 'a proof that does not begin there')
  const without = await against(checkpointOf(logOf(family, [100]), key))
  t.equal(without.exit, 11, 'no proof from there')
  t.match(without.err, /fetch it again with the number behind "size"/)
})

t.test('the log as it is served now can be compared with, at an address or in a folder', async (t) => {
  const kept = keep(t)
  const { exit, out, err } = await check(kept.record, '--log', kept.log, '--earlier', kept.earlier)
  t.equal(exit, 0, err)
  t.match(out, /live log .* holds the same and has now 700 entries/)
  const compare = async (log: Grown) => {
    const other = keep(t, { log, kept: await recordOf(family, then) })
    return check(other.record, '--log', other.log)
  }
  t.equal((await compare(logOf(family, [300, 400], [299]))).exit, 5, 'a log that was rewritten since')
  t.equal((await compare(logOf(family, [200]))).exit, 5, 'one that is shorter than it was')
  const again = keep(t)
  writeFileSync(join(again.log, 'tile/0/000'), Buffer.alloc(8192))
  const damaged = await check(again.record, '--log', again.log)
  t.equal(damaged.exit, 7)
  t.match(damaged.err, /DAMAGED LOG/)
})

t.test('without --log nothing is asked of the network, with it the log is read where it is served', async (t) => {
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
  t.equal((await check(kept.record, '--earlier', kept.earlier)).exit, 0)
  await t.test('a record that names another address than its head is not believed, nor is that asked', async (t) => {
    const elsewhere = keep(t, { kept: { ...record, log: { ...record.log, url } } })
    t.equal((await check(elsewhere.record)).exit, 9)
  })
  t.same(asked, [])
  t.equal((await check(kept.record, '--log', url)).exit, 0)
  t.match(asked, ['/log/checkpoint'])
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  const away = await check(kept.record, '--log', url)
  t.equal(away.exit, 8)
  t.match(away.err, /^\s*NOT CHECKED: the log cannot be read/)
})

t.test('the key that a guardian brings decides, not the one in the record', async (t) => {
  const kept = keep(t)
  t.equal((await check(kept.record, '--key', key.verifierKey)).exit, 0)
  t.equal((await check(kept.record, '--key', generateLogKey('registry.example/log').verifierKey)).exit, 3)
  t.equal((await check(kept.record, '--key', 'nonsense')).exit, 2)
})

t.test('a file that is no record is said to be none', async (t) => {
  const kept = keep(t)
  for (const text of ['{', '{"log":{},"events":[]}', JSON.stringify({ ...record, consents: [{}] })]) {
    writeFileSync(kept.record, text)
    const { exit, err } = await check(kept.record)
    t.equal(exit, 2)
    t.match(err, /NOT CHECKED/)
  }
  t.equal((await check(join(kept.folder, 'nowhere.json'))).exit, 2)
  t.match((await check()).err, /npm run check-log/)
})

t.test('nothing in a record can write over the verdict', async (t) => {
  const escaped = changed(({ log }) => Object.assign(log, { checkpoint: `\u001b[2J${log.checkpoint}` }))
  const { exit, out, err } = await check(keep(t, { kept: escaped }).record)
  t.equal(exit, 3)
  t.notOk((out + err).includes('\u001b'))
})
