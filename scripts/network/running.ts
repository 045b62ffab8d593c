import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningServices } from './services.ts'
import type { Settings } from './settings.ts'

interface Running {
  readonly owner: number
  readonly services: readonly number[]
}

/**
 * Claims the data folder for this process, so that two networks never share it. Services that an earlier owner left
 * behind, because it was killed, are ended first.
 *
 * @throws Error when another process runs a network on this folder
 */
export async function claimDataDirectory(settings: Settings): Promise<void> {
  const file = claimFile(settings)
  const earlier: Running = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { owner: 0, services: [] }
  if (earlier.owner !== process.pid && isOurs(earlier.owner, 'scripts/')) {
    throw new Error(
      `A network already runs on ${settings.dataDirectory} (process ${earlier.owner}). Stop that one first.`,
    )
  }
  for (const pid of earlier.services.filter((pid) => isOurs(pid, '/src/main.ts'))) {
    process.kill(pid, 'SIGKILL')
  }
  writeFileSync(file, JSON.stringify({ owner: process.pid, services: [] }))
}

/** Notes the processes of this network, so that the next start can end them should this process be killed. */
export function noteServices(settings: Settings, services: RunningServices): void {
  const pids = Object.values(services.processes).map((child) => child.pid)
  writeFileSync(claimFile(settings), JSON.stringify({ owner: process.pid, services: pids }))
}

export function releaseDataDirectory(settings: Settings): void {
  rmSync(claimFile(settings), { force: true })
}

function claimFile(settings: Settings): string {
  return join(settings.dataDirectory, 'running.json')
}

/** A pid may have been given to a stranger since: only a process with our own words in its command line is ours. */
function isOurs(pid: number, word: string): boolean {
  try {
    return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)
  } catch {
    return false
  }
}
