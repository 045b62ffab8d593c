import { setTimeout as sleep } from 'node:timers/promises'
import { type Job as BossJob, PgBoss } from 'pg-boss'
import { asDatabaseError } from './database-unavailable.ts'
import { JOB_SCHEMA } from './install-jobs.ts'
import { silenceLimits } from './open-db.ts'
import type { Tx } from './run-transaction.ts'
import { foreignSql } from './sql.ts'
import { type JobLimits, type JobTaker, takeJobs } from './take-jobs.ts'
import { type RunningTimers, startTimers } from './timers.ts'

export type Job<Data extends object> = {
  readonly id: string
  readonly data: Data
  /** 0 the first time. */
  readonly retries: number
}

export type QueueOptions = {
  readonly name: string
  /** After so many failed retries the job is given up: it stays as `failed` and `onError` hears of it. */
  readonly retryLimit: number
  /** The first delay is 1 s, then it doubles up to this. */
  readonly retryDelayMaxSeconds: number
  /** A job whose worker says nothing for so long (a killed process) is given to another. */
  readonly expireInSeconds: number
}

export type JobError = { readonly queue: string; readonly cause: unknown }

export type Jobs = {
  /**
   * Queues a job in the caller's transaction: it exists if and only if the transaction commits. Ids and sealed values only. `group` names
   * whom it depends on, the recipient for instance: jobs of one group take only their places from the others.
   */
  readonly send: (
    tx: Tx,
    queue: string,
    data: object,
    options: { group: string; startAfterSeconds?: number },
  ) => Promise<void>
  /**
   * Starts taking jobs, up to `concurrency` at a time in this process and up to `perGroup` of one group. Each is done by itself. A handler
   * that throws is retried.
   */
  readonly work: <Data extends object>(
    queue: string,
    limits: JobLimits,
    handler: (job: Job<Data>) => Promise<void>,
  ) => void
  /** Runs `task` every so many seconds in this process, never twice at once; errors go to `onError`. */
  readonly every: (name: string, seconds: number, task: () => Promise<void>) => void
  /** Takes no new jobs, waits for those in hand (at most 8 s), closes the connections. */
  readonly stop: () => Promise<void>
}

/**
 * Opens the job tables (made at first use, in the schema `jobs` of the service's own database) and creates the queues.
 * Jobs are taken at the latest 0.5 s after the commit, by any process; in the process that queued them at once; unless as many are in
 * hand as may be.
 * Throws `DatabaseUnavailable` when there is no server; afterwards an absent server only delays jobs.
 */
export async function openJobs(options: {
  readonly connectionString: string
  readonly applicationName: string
  readonly queues: readonly QueueOptions[]
  readonly onError: (error: JobError) => void
  /** How long a statement of the queues may go unanswered, as in `DbOptions`. */
  readonly statementTimeoutMs: number
}): Promise<Jobs> {
  const boss = createBoss(options)
  boss.on('error', (cause) => options.onError({ queue: 'all', cause }))
  try {
    await boss.start()
    for (const queue of options.queues) await createQueue(boss, queue)
  } catch (error) {
    await boss.stop({ graceful: false })
    throw asDatabaseError(error)
  }
  const takers = new Map<string, JobTaker>()
  const timers = startTimers((name, cause) => options.onError({ queue: name, cause }))
  return {
    send: async (tx, queue, data, sendOptions) => {
      await send(boss, tx, queue, data, sendOptions)
      tx.afterCommit(() => takers.get(queue)?.wake())
    },
    work: <Data extends object>(queue: string, limits: JobLimits, handler: (job: Job<Data>) => Promise<void>) => {
      const onError = (cause: unknown) => options.onError({ queue, cause })
      const run = (job: BossJob<Data>) => doJob(boss, queue, job, handler, onError)
      takers.set(queue, takeJobs<Data>(boss, queue, limits, { run, onError }))
    },
    every: timers.every,
    stop: () => stop(boss, timers, [...takers.values()]),
  }
}

function createBoss(options: {
  connectionString: string
  applicationName: string
  statementTimeoutMs: number
}): PgBoss {
  return new PgBoss({
    ...silenceLimits(options.statementTimeoutMs),
    connectionString: options.connectionString,
    application_name: `${options.applicationName}-jobs`,
    schema: JOB_SCHEMA,
    max: 3,
    connectionTimeoutMillis: 3_000,
    schedule: false,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    registerInstance: false,
    openTelemetry: { enabled: false },
  })
}

const DAY_SECONDS = 86_400

async function createQueue(boss: PgBoss, { name, ...queue }: QueueOptions): Promise<void> {
  const settings = {
    retryLimit: queue.retryLimit,
    retryBackoff: true,
    retryDelay: 1,
    retryDelayMax: queue.retryDelayMaxSeconds,
    expireInSeconds: queue.expireInSeconds,
    deleteAfterSeconds: DAY_SECONDS,
    retentionSeconds: 365 * DAY_SECONDS,
  }
  await boss.createQueue(name, settings)
  await boss.updateQueue(name, settings)
}

async function send(
  boss: PgBoss,
  tx: Tx,
  queue: string,
  data: object,
  { group, startAfterSeconds }: { group: string; startAfterSeconds?: number },
): Promise<void> {
  const executeSql = async (text: string, values: unknown[] = []) => ({ rows: await tx.many(foreignSql(text, values)) })
  const id = await boss.send(queue, data, {
    db: { executeSql },
    group: { id: group },
    ...(startAfterSeconds && { startAfter: startAfterSeconds }),
  })
  if (id === null) throw new Error(`the queue ${queue} did not take the job`)
}

async function doJob<Data extends object>(
  boss: PgBoss,
  queue: string,
  job: BossJob<Data>,
  handler: (job: Job<Data>) => Promise<void>,
  onError: (cause: unknown) => void,
): Promise<void> {
  const { id, data, retryCount } = job
  let isDone = true
  try {
    await handler({ id, data, retries: retryCount })
  } catch (cause) {
    isDone = false
    onError(cause)
  }
  try {
    // What is stored about a failure says nothing: an error's text may quote a person's data.
    await (isDone ? boss.complete(queue, job) : boss.fail(queue, job, { failed: true }))
  } catch (cause) {
    // Nobody knows that it is over: after `expireInSeconds` it is tried again.
    onError(cause)
  }
}

const LONGEST_STOP_MS = 8_000

async function stop(boss: PgBoss, timers: RunningTimers, takers: readonly JobTaker[]): Promise<void> {
  await timers.stop()
  const tooLong = new AbortController()
  const stopped = Promise.all(takers.map((taker) => taker.stop())).finally(() => tooLong.abort())
  await Promise.race([stopped, sleep(LONGEST_STOP_MS, undefined, { signal: tooLong.signal }).catch(() => undefined)])
  await boss.stop({ graceful: true, timeout: LONGEST_STOP_MS })
}
