import { hash } from 'node:crypto'
import {
  encodeProof,
  type LogKey,
  type LogRecord,
  leafCommitment,
  proveConsistency,
  proveInclusion,
  readTiles,
} from '../src/transparency-log.ts'
import { checkpointOf, commitment, fetchFrom, type Grown, grow } from './grow-log.ts'

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

/** The record of that family, under the head that the log had then; `since` is the size of an earlier head that it continues. */
export async function recordOf(
  log: Grown,
  key: LogKey,
  indices: readonly number[],
  { url = '', since }: { url?: string; since?: number } = {},
): Promise<LogRecord> {
  const tiles = readTiles(log.size, fetchFrom(log))
  const prove = async (index: number) => (index < log.size ? encodeProof(await proveInclusion(tiles, index)) : [])
  const events = indices.map(async (index) => ({
    event: event(index),
    salt: salt(index).toString('base64url'),
    index,
    proof: await prove(index),
  }))
  const checkpoint = checkpointOf(log, key)
  const consistency = since !== undefined && { from: since, proof: encodeProof(await proveConsistency(tiles, since)) }
  return {
    log: { url, verifier_key: key.verifierKey, checkpoint, ...(consistency && { consistency }) },
    events: await Promise.all(events),
  }
}
