import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'

const script = (name: string) => new URL(`../scripts/${name}`, import.meta.url).pathname

/** A process that lives until it is ended, with these words in its command line. */
function bystander(t: Test, words: string): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', words], { stdio: 'ignore' })
  t.teardown(() => void child.kill('SIGKILL'))
  return child
}

async function run(name: string, folder: string): Promise<{ exit: number | null; out: string; err: string }> {
  const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, SAMEN_DATA: folder }
  const child = spawn(process.execPath, [script(name), '--demo'], { env })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exit, out, err }
}

const isAlive = (child: ChildProcess) => child.exitCode === null && child.signalCode === null

t.test('a port that somebody else has is told in one sentence, and nothing is said to go on', async (t) => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as { port: number }
  const folder = t.testdir({ 'network.json': JSON.stringify({ ports: { issuer: port } }) })
  const { exit, out, err } = await run('start.ts', folder)
  t.equal(exit, 1)
  t.match(err.trim(), new RegExp(`^Port ${port}, .*taken by another program.*\\.$`))
  t.notMatch(out, 'goes on with the same data')
  t.notOk(existsSync(join(folder, 'running.json')), 'the folder is free again')
})

t.test('a reset ends the services that a killed network left behind, and nobody else', async (t) => {
  const left = bystander(t, 'services/issuer/src/main.ts')
  const stranger = bystander(t, 'something else')
  const running = { owner: 999_999_999, services: [left.pid, stranger.pid] }
  const folder = t.testdir({ 'running.json': JSON.stringify(running), 'story.json': '{}' })
  const { exit, out } = await run('reset.ts', folder)
  t.equal(exit, 0)
  t.match(out, 'Forgotten')
  t.notOk(existsSync(folder))
  t.notOk(isAlive(left), 'the service is gone')
  t.ok(isAlive(stranger), 'a process with an id that was given out again is not touched')
})

t.test('a reset does nothing while the network runs, or while nobody says where its databases are', async (t) => {
  const owner = bystander(t, 'scripts/start.ts')
  const folder = t.testdir({ 'running.json': JSON.stringify({ owner: owner.pid, services: [] }) })
  const busy = await run('reset.ts', folder)
  t.equal(busy.exit, 1)
  t.match(busy.err, /Stop it first/)
  t.ok(existsSync(folder))

  writeFileSync(join(folder, 'running.json'), JSON.stringify({ owner: 999_999_999, services: [] }))
  writeFileSync(join(folder, 'database-kind'), 'server')
  const elsewhere = await run('reset.ts', folder)
  t.equal(elsewhere.exit, 1)
  t.match(elsewhere.err, /Set DATABASE_URL as you started it, and reset again/)
  t.ok(existsSync(folder), 'the keys are still there')
})
