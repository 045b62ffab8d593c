import pg from 'pg'
import { cpuOf, cpuOfPostgres } from './cpu.ts'

export type Measured = {
  /** CPU microseconds an operation, of the service and of PostgreSQL */
  readonly service: number
  readonly database: number
  /** statements an operation, timers included; BEGIN and COMMIT are not counted */
  readonly statements: number
  /** milliseconds from request to answer, at the client */
  readonly p50: number
  readonly p99: number
}

/** What is measured: a process, the PostgreSQL server, and the database that the process uses. */
export type Subject = { readonly pid: number; readonly postmaster: number; readonly databaseUrl: string }

export type Size = { readonly count: number; readonly parallel: number }

/**
 * Runs an operation `count` times, `parallel` at once, after a tenth of that to warm up, and takes the CPU time of the service and
 * of the database over the run, and its statements. The client's own work is not counted. The tables are analysed after the warm-up:
 * PostgreSQL does that once a minute, and a round is over sooner.
 */
export async function measure(
  subject: Subject,
  { count, parallel }: Size,
  operation: () => Promise<void>,
): Promise<Measured> {
  await runMany(Math.ceil(count / 10), parallel, operation)
  await analyze(subject.databaseUrl)
  const before = await use(subject)
  const times = await runMany(count, parallel, operation)
  const after = await use(subject)
  times.sort((a, b) => a - b)
  const perOperation = (name: keyof typeof before) => (after[name] - before[name]) / count
  return {
    service: perOperation('service'),
    database: perOperation('database'),
    statements: perOperation('statements'),
    p50: times[Math.floor(times.length / 2)] ?? 0,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
  }
}

async function use({ pid, postmaster, databaseUrl }: Subject) {
  const statements = await countStatements(databaseUrl)
  return { service: cpuOf(pid), database: cpuOfPostgres(postmaster), statements }
}

const analyze = (databaseUrl: string) => withClient(databaseUrl, (client) => client.query('analyze'))

/** By pg_stat_statements, which the server of the bench has loaded. */
function countStatements(databaseUrl: string): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ calls: string }>(
      `select coalesce(sum(calls), 0) as calls from pg_stat_statements s join pg_database d on d.oid = s.dbid
       where d.datname = current_database() and query not like '%jobs.%' and query not like '%pg_stat_statements%'`,
    )
    return Number(rows[0]?.calls)
  })
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
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
