import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { isFree } from '../scripts/network/ports.ts'
import { openSettings, publicUrl, SERVICES, type Settings } from '../scripts/network/settings.ts'

const script = new URL('../scripts/start.ts', import.meta.url).pathname

interface Started {
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  /** What it has printed until now, errors too. */
  output(): string
}

/** `npm start`, or `npm run demo` with `--demo`, in a process group of its own as in a terminal. */
function start(t: Test, { dataDirectory }: Settings, ...options: string[]): Started {
  const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, SAMEN_DATA: dataDirectory }
  const child = spawn(process.execPath, [script, ...options], { env, detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return { process: child, ended, output: () => output }
}

/** A terminal sends it to the whole group. */
function pressCtrlC({ process: { pid } }: Started): void {
  if (pid === undefined) throw new Error('it never ran')
  process.kill(-pid, 'SIGINT')
}

async function until(started: Started, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    if (started.process.exitCode !== null || started.process.signalCode !== null)
      throw new Error(`it ended before: ${started.output()}`)
    await sleep(10)
  }
}

/** Processes with the data folder in their command line or environment: those of this network and of no other. */
function processesOf({ dataDirectory }: Settings): string[] {
  return globSync('/proc/[0-9]*').filter((process) => {
    try {
      return ['cmdline', 'environ'].some((file) => readFileSync(join(process, file), 'utf8').includes(dataDirectory))
    } catch {
      return false // ended in between
    }
  })
}

async function expectNothingLeft(t: Test, settings: Settings): Promise<void> {
  t.strictSame(processesOf(settings), [], 'no process is left')
  for (const [name, port] of Object.entries(settings.ports)) t.ok(await isFree(port), `the port of ${name} is free`)
  t.notOk(existsSync(join(settings.dataDirectory, 'running.json')), 'the folder is free')
  t.notOk(existsSync(join(settings.dataDirectory, 'postgres/data/postmaster.pid')), 'PostgreSQL ended in order')
}

t.test('Ctrl-C stops everything, at the start and in the middle, and the next start goes on', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'samen-interrupted-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const settings = await openSettings(folder, 'any')

  const early = start(t, settings)
  await until(early, () => existsSync(join(folder, 'logs', 'trust-anchor.log')))
  pressCtrlC(early)
  t.equal(await early.ended, 0, 'interrupted while the first service comes up')
  t.notMatch(early.output(), 'Four services run')
  await expectNothingLeft(t, settings)

  const middle = start(t, settings)
  // The next start then registers the purposes at once, with nodes that have just come up and get their trust marks a moment later.
  await until(middle, () => middle.output().includes('Step 3 of 10'))
  for (const service of SERVICES)
    t.ok((await fetch(`${publicUrl(settings, service)}/healthz`)).ok, `${service} answers`)
  pressCtrlC(middle)
  t.equal(await middle.ended, 0, 'interrupted in the middle of the story')
  t.match(middle.output(), /Stopping …\nStopped\. `npm start` goes on with the same data/)
  t.notMatch(middle.output(), 'Step 10 of 10')
  await expectNothingLeft(t, settings)

  const late = start(t, settings)
  // Both parents have said yes, and nobody has taken it back yet.
  await until(late, () => late.output().includes('Step 6 of 10'))
  pressCtrlC(late)
  t.equal(await late.ended, 0, 'interrupted while a consent stands')
  t.notMatch(late.output(), 'Step 9 of 10')
  await expectNothingLeft(t, settings)

  const whole = start(t, settings, '--demo')
  t.equal(await whole.ended, 0, whole.output().split('\n').slice(-12).join('\n'))
  t.match(whole.output(), 'the yes that it left is taken back')
  t.match(whole.output(), 'Step 10 of 10')
  await expectNothingLeft(t, settings)
})
