import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** CPU seconds (user + system, all threads) that a process has used so far; children that it waited for included. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0) / TICKS_PER_SECOND
}

/** CPU seconds of a PostgreSQL server: the postmaster, all its back ends, and those that have ended. */
export function cpuOfPostgres(postmaster: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === postmaster)
  return [postmaster, ...children.map(Number)].reduce((sum, pid) => sum + safely(() => cpuOf(pid)), 0)
}

function parentOf(pid: string): number {
  return safely(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  })
}

/** A process may end between being listed and being read. */
function safely(read: () => number): number {
  try {
    return read()
  } catch {
    return 0
  }
}
