import { hash } from 'node:crypto'
import { type LogKey, type LogRecord, leafCommitment } from '../src/transparency-log.ts'
import { checkpointOf, commitment, type Grown, grow } from './grow-log.ts'

const event = (index: number) => ({ type: 'decision', decision: index % 2 === 0 ? 'yes' : 'no', number: index })
const salt = (index: number) => hash('sha256', `salt ${index}`, 'buffer').subarray(0, 16)

/** A log in which these entries are events of one family and all others somebody else's. */
export function familyLog(batches: readonly number[], indices: readonly number[]): Grown {
  return grow(batches, (count, from = 0) =>
    Array.from({ length: count }, (_, i) =>
      indices.includes(from + i) ? leafCommitment(salt(from + i), event(from + i)) : commitment(from + i),
    ),
  )
}

/** The record of that family, under the head that the log had then. */
export function recordOf(log: Grown, key: LogKey, indices: readonly number[], url = ''): LogRecord {
  return {
    log: { url, verifier_key: key.verifierKey, checkpoint: checkpointOf(log, key) },
    events: indices.map((index) => ({ event: event(index), salt: salt(index).toString('base64url'), index })),
  }
}
