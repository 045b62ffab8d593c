import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRunningProcess } from '@samen/pg-dev'
import type { RunningServices } from './services.ts'
import type { Settings } from './settings.ts'

/** Process ids, as a network notes them in its data folder. */
interface Running {
  readonly owner: number
  readonly services: readonly number[]
}

/**
 * Claims the data folder for this process, so that two networks never share it. Throws Error when another process runs a network on it;
 * services that an earlier one left behind, because it was killed, are ended.
 */
export async function claimDataDirectory({ dataDirectory }: Settings): Promise<void> {
  await endLeftBehind(dataDirectory)
  note(dataDirectory, { owner: process.pid, services: [] })
}

/** Notes the processes of this network, so that the next start can end them should this process be killed. */
export function noteServices({ dataDirectory }: Settings, { processes }: RunningServices): void {
  const services = Object.values(processes).flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
  note(dataDirectory, { owner: process.pid, services })
}

/** Says that no network runs on this data folder any more. */
export function releaseDataDirectory({ dataDirectory }: Settings): void {
  rmSync(claimFile(dataDirectory), { force: true })
}

/**
 * Ends, by their ids, the services that a killed network left behind on a data folder, and waits until they are gone. Throws Error when the
 * network still runs.
 */
export async function endLeftBehind(dataDirectory: string): Promise<void> {
  const file = claimFile(dataDirectory)
  if (!existsSync(file)) return
  const { owner, services }: Running = JSON.parse(readFileSync(file, 'utf8'))
  if (owner !== process.pid && isRunningProcess(owner, 'scripts/start.ts')) {
    throw new Error(`A network runs on ${dataDirectory} (process ${owner}). Stop it first, with Ctrl-C in its window.`)
  }
  // An id may have been given to a stranger since: only a process with our own words in its command line is ended.
  const isLeft = (pid: number) => isRunningProcess(pid, '/src/main.ts')
  for (const pid of services.filter(isLeft)) process.kill(pid, 'SIGKILL')
  while (services.some(isLeft)) await new Promise((resolve) => setTimeout(resolve, 20))
}

function note(dataDirectory: string, running: Running): void {
  writeFileSync(claimFile(dataDirectory), JSON.stringify(running))
}

function claimFile(dataDirectory: string): string {
  return join(dataDirectory, 'running.json')
}
