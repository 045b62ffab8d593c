// The inside of `readRosterApart`: reads one delivery in a thread of its own and posts what it found.
import { parentPort, workerData } from 'node:worker_threads'
import { readRoster } from './read-roster.ts'
import type { WorkerMessage, WorkerTask } from './read-roster-apart.ts'
import { RosterRefusal } from './roster-refusal.ts'

/** Pupils in one message: unpacking it takes the receiver well under a millisecond. */
const BATCH = 128

const { zip, school, today } = workerData as WorkerTask
const post = (message: WorkerMessage): void => parentPort?.postMessage(message)

try {
  const { pupils, ...rest } = await readRoster(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength), school, today)
  for (let at = 0; at < pupils.length; at += BATCH) post({ pupils: pupils.slice(at, at + BATCH) })
  post({ rest })
} catch (error) {
  if (!(error instanceof RosterRefusal)) throw error
  const { reason, file, row } = error
  post({ refusal: { reason, ...(file !== undefined && { file }), ...(row !== undefined && { row }) } })
}
