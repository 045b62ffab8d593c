import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Launch, planLaunch } from './drop-privileges.ts'
import { type Binaries, findBinaries } from './find-binaries.ts'
import { servesFolder, stopStrayServer } from './stop-stray-server.ts'

export type DevPostgres = {
  /** `postgres://role@127.0.0.1:port/database`; with the role `postgres` it is the superuser's address. */
  readonly url: (database: string, role: string) => string
  /** Fast shutdown; resolves when the server is gone. May be called twice. */
  readonly stop: () => Promise<void>
  /** The same without order and without waiting turns, for an `exit` handler: returns when the server is gone. */
  readonly stopNow: () => void
  readonly dataDirectory: string
}

/**
 * Starts a real PostgreSQL on a free loopback port over `directory` (made at first use), with fsync on. For development
 * and tests only: whoever reaches the port is trusted. The server ends with this process, however that ends; what a
 * killed one left behind is stopped first. `settings` are added to those of the server. Throws when another live process owns the folder
 * or the server cannot start.
 */
export async function startDevPostgres(options: {
  readonly directory: string
  readonly settings?: Readonly<Record<string, string>>
}): Promise<DevPostgres> {
  const { directory, settings = {} } = options
  const root = resolve(directory)
  const dataDirectory = join(root, 'data')
  mkdirSync(root, { recursive: true, mode: 0o700 })
  claimFolder(root)
  const launch = planLaunch()
  const binaries = await findBinaries()
  await stopStrayServer(dataDirectory)
  if (!existsSync(join(dataDirectory, 'PG_VERSION'))) initialise(launch, binaries, root, dataDirectory)
  launch.adopt(root)
  const { child, port } = await start(launch, binaries, { root, dataDirectory, settings })
  const interrupt = () => child.kill('SIGINT')
  process.prependOnceListener('exit', interrupt)
  return {
    url: (database, role) => `postgres://${encodeURIComponent(role)}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    dataDirectory,
    stopNow: () => waitUntilGone(child, dataDirectory),
    stop: async () => {
      process.off('exit', interrupt)
      await stopServer(child)
      rmSync(join(root, 'owner.pid'), { force: true })
    },
  }
}

function claimFolder(root: string): void {
  const ownerFile = join(root, 'owner.pid')
  const owner = existsSync(ownerFile) ? Number.parseInt(readFileSync(ownerFile, 'utf8'), 10) : 0
  if (owner !== process.pid && servesFolder(owner, 'node')) {
    throw new Error(`the database folder ${root} is in use by process ${owner}`)
  }
  writeFileSync(ownerFile, String(process.pid))
}

function initialise(launch: Launch, { initdb }: Binaries, root: string, dataDirectory: string): void {
  rmSync(dataDirectory, { recursive: true, force: true })
  mkdirSync(dataDirectory, { mode: 0o700 })
  launch.adopt(root)
  const options = ['-D', dataDirectory, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  const [command = '', ...words] = [...launch.prefix, initdb, ...options]
  const { status, stderr, error } = spawnSync(command, words, {
    env: { ...process.env, LC_ALL: 'C' },
    encoding: 'utf8',
  })
  if (status === 0) return
  rmSync(dataDirectory, { recursive: true, force: true })
  throw new Error(`initdb failed: ${stderr?.trim() ?? ''}`, { cause: error })
}

type Cluster = {
  readonly root: string
  readonly dataDirectory: string
  readonly settings: Readonly<Record<string, string>>
}

async function start(launch: Launch, { postgres }: Binaries, { root, dataDirectory, settings }: Cluster) {
  const logFile = join(root, 'server.log')
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort()
    const child = spawnServer(
      [...launch.serverPrefix, postgres, ...serverOptions(dataDirectory, port, settings)],
      logFile,
    )
    if (await becomesReady(child, dataDirectory)) return { child, port }
    await stopServer(child)
    // Between asking for a free port and binding it another process may have taken it.
    if (attempt === 3) throw new Error(`PostgreSQL did not start, see ${logFile}`)
  }
}

function serverOptions(dataDirectory: string, port: number, more: Readonly<Record<string, string>>): string[] {
  const own = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '300' }
  const settings = Object.entries({ ...more, ...own })
  return ['-D', dataDirectory, '-p', String(port), ...settings.flatMap(([k, v]) => ['-c', `${k}=${v}`])]
}

// In a process group of its own: Ctrl-C goes to the services first, which still need their database to end well.
function spawnServer([command = '', ...words]: string[], logFile: string): ChildProcess {
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(command, words, {
    stdio: ['ignore', log, log],
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
  })
  closeSync(log)
  child.on('error', () => undefined)
  child.unref()
  return child
}

async function becomesReady(child: ChildProcess, dataDirectory: string): Promise<boolean> {
  const pidFile = join(dataDirectory, 'postmaster.pid')
  for (let waited = 0; waited < 60_000; waited += 20) {
    if (hasEnded(child)) return false
    // The server writes its state as the eighth line of its pid file.
    if (existsSync(pidFile) && readFileSync(pidFile, 'utf8').split('\n')[7]?.trim() === 'ready') return true
    await sleep(20)
  }
  return false
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  child.ref()
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  const impatient = setTimeout(() => child.kill('SIGQUIT'), 10_000)
  await ended
  clearTimeout(impatient)
}

function waitUntilGone(child: ChildProcess, dataDirectory: string): void {
  child.kill('SIGQUIT')
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; waited < 5_000 && servesFolder(child.pid ?? 0, dataDirectory); waited += 5)
    Atomics.wait(sleeper, 0, 0, 5)
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
