import { readdirSync, readFileSync } from 'node:fs'

/** Microseconds on a processor that a process has used so far, all its living threads together. From the scheduler, in nanoseconds. */
export function cpuOf(pid: number): number {
  const threads = safely(() => readdirSync(`/proc/${pid}/task`), [])
  return threads.reduce((sum, thread) => sum + safely(() => runTime(`/proc/${pid}/task/${thread}/schedstat`), 0), 0)
}

/** The same of a PostgreSQL server: the postmaster and all its living back ends. */
export function cpuOfPostgres(postmaster: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === postmaster)
  return [postmaster, ...children.map(Number)].reduce((sum, pid) => sum + cpuOf(pid), 0)
}

function runTime(file: string): number {
  return Number(readFileSync(file, 'utf8').split(' ')[0]) / 1_000
}

function parentOf(pid: string): number {
  const read = () => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  }
  return safely(read, 0)
}

/** A thread may end between being listed and being read. */
function safely<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
