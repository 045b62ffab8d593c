import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseUrls } from './databases.ts'
import { publicUrl, SERVICES, type ServiceName, type Settings } from './settings.ts'

/** Four services running as processes of their own. */
export interface RunningServices {
  readonly processes: Readonly<Record<ServiceName, ChildProcess>>
  /** Paths of the log file of each service; they hold what the service wrote to stdout and stderr. */
  readonly logs: Readonly<Record<ServiceName, string>>
  /** Resolves to a sentence when a service ends that nobody stopped. */
  readonly failure: Promise<string>
  stop(): Promise<void>
}

/**
 * Starts the four services and waits until each answers `/healthz`.
 *
 * @param options.logLevel a pino level
 * @throws Error with one sentence and the last lines of the log when a service does not come up within 90 seconds, or `signal` aborts
 */
export async function startServices(
  settings: Settings,
  databases: DatabaseUrls,
  options: { logLevel: string; signal: AbortSignal },
): Promise<RunningServices> {
  const started = {} as Record<ServiceName, ChildProcess>
  const logs = {} as Record<ServiceName, string>
  const stopped = new Set<ChildProcess>()
  let fail: (sentence: string) => void = () => {}
  const failure = new Promise<string>((resolve) => {
    fail = resolve
  })
  const stop = () => stopAll(Object.values(started).reverse(), stopped)
  try {
    for (const service of SERVICES) {
      const child = startService(settings, service, databases[service], options.logLevel)
      started[service] = child.process
      logs[service] = child.log
      child.process.once('exit', (code, ended) => {
        const how = ended ?? `exit ${code}`
        if (!stopped.has(child.process)) fail(`${service} ended by itself (${how}); its log is ${child.log}`)
      })
      // At the first start the others have to wait for the file of public keys that the anchor writes when it is up.
      if (!existsSync(trustAnchorFile(settings))) await untilHealthy(settings, service, child, options.signal)
    }
    await Promise.all(
      SERVICES.map((name) => untilHealthy(settings, name, { process: started[name], log: logs[name] }, options.signal)),
    )
  } catch (cause) {
    await stop()
    throw cause
  }
  return { processes: started, logs, failure, stop }
}

/** Services that somebody else runs: nothing to stop, and their logs are not ours to read. */
export function attachServices(): RunningServices {
  const none = {} as RunningServices['processes'] & RunningServices['logs']
  return { processes: none, logs: none, failure: new Promise(() => {}), stop: async () => {} }
}

/** Starts one service as a process, with everything it needs in its environment. */
export function startService(settings: Settings, service: ServiceName, databaseUrl: string, logLevel: string) {
  const dataDirectory = join(settings.dataDirectory, service)
  const log = join(settings.dataDirectory, 'logs', `${service}.log`)
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  mkdirSync(join(settings.dataDirectory, 'logs'), { recursive: true })
  const child = spawn(process.execPath, [join(settings.root, 'services', service, 'src/main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A terminal's Ctrl-C goes to the whole group; the services are stopped by us, in order.
    detached: true,
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: join(settings.dataDirectory, 'compile-cache'),
      MODE: 'development',
      LOG_LEVEL: logLevel,
      HOST: '127.0.0.1',
      PORT: String(settings.ports[service]),
      PRIVATE_HOST: '127.0.0.1',
      PRIVATE_PORT: String(settings.ports['trust-anchor-private']),
      PUBLIC_URL: publicUrl(settings, service),
      DATABASE_URL: databaseUrl,
      DATA_DIR: dataDirectory,
      TRUST_ANCHOR_FILE: trustAnchorFile(settings),
    },
  })
  const sink = createWriteStream(log, { flags: 'a', mode: 0o600 })
  child.stdout.pipe(sink, { end: false })
  child.stderr.pipe(sink, { end: false })
  return { process: child as ChildProcess, log }
}

/** The public keys of the federation: written by the anchor, pinned by everybody else. */
export function trustAnchorFile(settings: Settings): string {
  return join(settings.dataDirectory, 'trust-anchor', 'public', 'trust-anchor.json')
}

/** Waits until a service answers 200 on `/healthz`; throws when it ends before that, takes longer than 90 seconds, or `signal` aborts. */
export async function untilHealthy(
  settings: Settings,
  service: ServiceName,
  child: { process: ChildProcess; log: string },
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + 90_000
  while (performance.now() < deadline) {
    signal.throwIfAborted()
    if (child.process.exitCode !== null) break
    const healthy = await fetch(`${publicUrl(settings, service)}/healthz`).then(
      (reply) => reply.ok,
      () => false,
    )
    if (healthy) return
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  const lastLines = readFileSync(child.log, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
  throw new Error(`${service} did not start. The end of its log (${child.log}):\n${lastLines}`)
}

/**
 * A service ends within ten seconds. After its first start Node then writes down what it has compiled, for some seconds more: killed in
 * that, the next start compiles everything again.
 */
const STOP_MS = 30_000

async function stopAll(children: ChildProcess[], stopped: Set<ChildProcess>): Promise<void> {
  await Promise.all(children.map((child) => stopProcess(child, stopped)))
}

function stopProcess(child: ChildProcess, stopped: Set<ChildProcess>): Promise<void> {
  stopped.add(child)
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const insist = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    child.once('exit', () => {
      clearTimeout(insist)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
