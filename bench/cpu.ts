import { readdirSync, readFileSync } from 'node:fs'

/** Microseconds on a processor that a process has used so far, all its living threads together. From the scheduler, in nanoseconds. */
export function cpuOf(pid: number): number {
  const threads = safely(() => readdirSync(`/proc/${pid}/task`), [])
  return threads.reduce((sum, thread) => sum + safely(() => runTime(`/proc/${pid}/task/${thread}/schedstat`), 0), 0)
}

const MICROSECONDS_PER_TICK = 10_000

/** The same of a PostgreSQL server: the postmaster, all its living back ends, and in ticks of 10 ms those that have ended. */
export function cpuOfPostgres(postmaster: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statOf(name)[1] === postmaster)
  const living = [postmaster, ...children.map(Number)].reduce((sum, pid) => sum + cpuOf(pid), 0)
  const [ended = 0, endedInKernel = 0] = statOf(postmaster).slice(13, 15)
  return living + (ended + endedInKernel) * MICROSECONDS_PER_TICK
}

function runTime(file: string): number {
  return Number(readFileSync(file, 'utf8').split(' ')[0]) / 1_000
}

/** The numbers of /proc/pid/stat from the state on; the parent is at 1, the time of children that were waited for at 13 and 14. */
function statOf(pid: number | string): number[] {
  const read = () => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
  }
  return safely(read, [])
}

/** A thread may end between being listed and being read. */
function safely<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
