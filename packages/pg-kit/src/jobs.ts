import { type Job as BossJob, type JobResult, PgBoss } from 'pg-boss'
import { asDatabaseError } from './database-unavailable.ts'
import { JOB_SCHEMA } from './install-jobs.ts'
import type { Tx } from './run-transaction.ts'
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
  /** Queues a job in the caller's transaction: it exists if and only if the transaction commits. Ids and sealed values only. */
  readonly send: (tx: Tx, queue: string, data: object, options?: { startAfterSeconds?: number }) => Promise<void>
  /** Starts taking jobs, up to `concurrency` at a time in this process. A handler that throws is retried. */
  readonly work: <Data extends object>(
    queue: string,
    options: { concurrency: number },
    handler: (job: Job<Data>) => Promise<void>,
  ) => Promise<void>
  /** Runs `task` every so many seconds in this process, never twice at once; errors go to `onError`. */
  readonly every: (name: string, seconds: number, task: () => Promise<void>) => void
  /** Takes no new jobs, waits for those in hand (at most 8 s), closes the connections. */
  readonly stop: () => Promise<void>
}

/**
 * Opens the job tables (made at first use, in the schema `jobs` of the service's own database) and creates the queues.
 * Jobs are taken at the latest 0.5 s after the commit, by any process; in the process that queued them at once.
 * Throws `DatabaseUnavailable` when there is no server; afterwards an absent server only delays jobs.
 */
export async function openJobs(options: {
  readonly connectionString: string
  readonly applicationName: string
  readonly queues: readonly QueueOptions[]
  readonly onError: (error: JobError) => void
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
  const workers = new Map<string, string>()
  const timers = startTimers((name, cause) => options.onError({ queue: name, cause }))
  return {
    send: (tx, queue, data, sendOptions) => send(boss, workers, tx, queue, data, sendOptions?.startAfterSeconds),
    work: async <Data extends object>(
      queue: string,
      { concurrency }: { concurrency: number },
      handler: (job: Job<Data>) => Promise<void>,
    ) => {
      const handle = handleEach(queue, handler, options.onError)
      const polling = { pollingIntervalSeconds: 0.5, burstWhenBatchFull: concurrency > 1 }
      const id = await boss.work(queue, { ...polling, batchSize: concurrency, perJobResults: true }, handle)
      workers.set(queue, id)
    },
    every: timers.every,
    stop: () => stop(boss, timers),
  }
}

function createBoss(options: { connectionString: string; applicationName: string }): PgBoss {
  return new PgBoss({
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
  workers: ReadonlyMap<string, string>,
  tx: Tx,
  queue: string,
  data: object,
  startAfterSeconds: number | undefined,
): Promise<void> {
  // The text carries the queue's name and settings, so it is not worth a prepared statement.
  const executeSql = async (text: string, values: unknown[] = []) => ({
    rows: await tx.many({ name: '', text, values: values as never[] }),
  })
  const id = await boss.send(queue, data, {
    db: { executeSql },
    ...(startAfterSeconds && { startAfter: startAfterSeconds }),
  })
  if (id === null) throw new Error(`the queue ${queue} did not take the job`)
  tx.afterCommit(() => {
    const worker = workers.get(queue)
    if (worker) boss.notifyWorker(worker)
  })
}

function handleEach<Data extends object>(
  queue: string,
  handler: (job: Job<Data>) => Promise<void>,
  onError: (error: JobError) => void,
) {
  return (jobs: BossJob<Data>[]): Promise<JobResult[]> =>
    Promise.all(
      jobs.map(async ({ id, data, retryCount }): Promise<JobResult> => {
        try {
          await handler({ id, data, retries: retryCount })
          return { id, status: 'completed' }
        } catch (cause) {
          onError({ queue, cause })
          // What is stored about a failure says nothing: an error's text may quote a person's data.
          return { id, status: 'failed', output: { failed: true } }
        }
      }),
    )
}

async function stop(boss: PgBoss, timers: RunningTimers): Promise<void> {
  await timers.stop()
  await boss.stop({ graceful: true, timeout: 8_000 })
}
