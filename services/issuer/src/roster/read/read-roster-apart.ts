import { Worker } from 'node:worker_threads'
import type { RosterPupil } from './build-pupils.ts'
import type { Roster, RosterSchool } from './read-roster.ts'
import { type RefusalReason, RosterRefusal } from './roster-refusal.ts'

export interface WorkerTask {
  readonly zip: Uint8Array
  readonly school: RosterSchool
  readonly today: string
}

export type WorkerMessage =
  | { readonly pupils: readonly RosterPupil[] }
  | { readonly rest: Omit<Roster, 'pupils'> }
  | { readonly refusal: { readonly reason: RefusalReason; readonly file?: string; readonly row?: number } }

/** What the thread may use: heap in megabytes, time in milliseconds. */
export interface ReaderLimits {
  readonly megabytes: number
  readonly milliseconds: number
}

/** Twice what a board of 20,000 pupils with ten enrolments each takes. */
export const READER_LIMITS: ReaderLimits = { megabytes: 384, milliseconds: 240_000 }

/**
 * `readRoster` in a thread of its own, so that a board's delivery keeps no wallet waiting, and with a memory of its own, so that
 * a delivery made to exhaust it ends that thread and not the service. Out: the roster. Throws RosterRefusal; Error when the
 * reader itself fails, without anything that it read. A reader that exceeds `limits` is stopped: RosterRefusal `too-large`.
 */
export function readRosterApart(
  zip: Buffer,
  { brin, sector }: RosterSchool,
  today: string,
  limits: ReaderLimits,
): Promise<Roster> {
  const task: WorkerTask = { zip, school: { brin, sector }, today }
  const worker = new Worker(new URL('./roster-worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: limits.megabytes },
    // Neither the environment nor the flags of the service are the reader's business.
    env: {},
    execArgv: [],
  })
  const giveUp = setTimeout(() => void worker.terminate(), limits.milliseconds)
  return collect(worker).finally(() => {
    clearTimeout(giveUp)
    return worker.terminate()
  })
}

function collect(worker: Worker): Promise<Roster> {
  const pupils: RosterPupil[] = []
  return new Promise((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      if ('pupils' in message) for (const pupil of message.pupils) pupils.push(pupil)
      else if ('rest' in message) resolve({ ...message.rest, pupils })
      else reject(new RosterRefusal(message.refusal.reason, message.refusal))
    })
    worker.on('error', (cause: Error & { code?: string }) =>
      reject(
        cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new RosterRefusal('too-large')
          : new Error('the reader of rosters failed', { cause }),
      ),
    )
    // Terminated for taking too long; after an answer this changes nothing.
    worker.on('exit', () => reject(new RosterRefusal('too-large')))
  })
}
