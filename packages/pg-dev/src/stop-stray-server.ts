import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Stops a server that a killed process left behind over this data folder, or deletes the pid file of one that is gone:
 * PostgreSQL itself takes a zombie or a reused process id for a live server and would refuse to start.
 */
export async function stopStrayServer(dataDirectory: string): Promise<void> {
  const pidFile = join(dataDirectory, 'postmaster.pid')
  if (!existsSync(pidFile)) return
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
  if (servesFolder(pid, dataDirectory)) {
    process.kill(pid, 'SIGINT')
    for (let waited = 0; servesFolder(pid, dataDirectory); waited += 20) {
      if (waited === 10_000) process.kill(pid, 'SIGQUIT')
      await sleep(20)
    }
  }
  rmSync(pidFile, { force: true })
}

/** Whether a process lives, is no zombie, and names `word` on its command line. */
export function servesFolder(pid: number, word: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false
  try {
    process.kill(pid, 0)
    return commandLine(pid).includes(word)
  } catch {
    return false
  }
}

// A zombie's command line is empty in /proc.
function commandLine(pid: number): string {
  if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
}
