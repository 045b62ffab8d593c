import { cpuOf, cpuOfPostgres } from './cpu.ts'

export interface Measured {
  /** CPU microseconds an operation, of the service and of PostgreSQL */
  readonly service: number
  readonly database: number
  /** milliseconds from request to answer, at the client */
  readonly p50: number
  readonly p99: number
}

/**
 * Runs an operation `count` times, `parallel` at once, after a tenth of that to warm up, and takes the CPU time of the service and
 * of the database over the run. The client's own work is not counted.
 */
export async function measure(
  pids: { service: number; postmaster: number },
  { count, parallel }: { count: number; parallel: number },
  operation: () => Promise<void>,
): Promise<Measured> {
  await runMany(Math.ceil(count / 10), parallel, operation)
  const before = { service: cpuOf(pids.service), database: cpuOfPostgres(pids.postmaster) }
  const times = await runMany(count, parallel, operation)
  const used = (now: number, then: number) => ((now - then) / count) * 1e6
  times.sort((a, b) => a - b)
  return {
    service: used(cpuOf(pids.service), before.service),
    database: used(cpuOfPostgres(pids.postmaster), before.database),
    p50: times[Math.floor(times.length / 2)] ?? 0,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
  }
}

async function runMany(count: number, parallel: number, operation: () => Promise<void>): Promise<number[]> {
  const times: number[] = []
  let left = count
  const lane = async () => {
    while (left > 0) {
      left -= 1
      const began = performance.now()
      await operation()
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  return times
}
