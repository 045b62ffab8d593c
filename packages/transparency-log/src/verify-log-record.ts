import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import { LogError } from './log-error.ts'
import { decodeProof, entryHash, type LogRecord, type LogRecordEntry } from './log-record.ts'
import { verifyConsistency, verifyInclusion } from './verify-proofs.ts'

/**
 * Checks a record by itself, without the log: its head is signed by the log's key, and each event is an entry under that head
 * (RFC6962#section-2.1.1). The verifier key decides what is believed, so it should come from elsewhere than the record. Returns the head.
 *
 * @throws LogError `bad_signature`, `unknown_signer`, `foreign_log` and those of `openCheckpoint`; with the index of the entry
 * `not_yet_logged` (the head does not cover it) and `tampered_entry` (event and proof do not lead to the signed root)
 */
export function verifyLogRecord(record: LogRecord, verifierKey: string): Checkpoint {
  const head = openCheckpoint(record.log.checkpoint, verifierKey)
  for (const entry of record.events) assertLogged(entry, head)
  return head
}

/**
 * Checks, without the log, that a head which was kept earlier is the beginning of the record's head (RFC6962#section-2.1.2). Returns it.
 *
 * @throws LogError those of `openCheckpoint`; `shortened_log` and `forked_log` (two signed heads that exclude each other);
 * `unproved_growth` (the record has no proof from this head, so nothing is known); `invalid_proof`
 */
export function verifyEarlierHead(record: LogRecord, earlierText: string, verifierKey: string): Checkpoint {
  const head = openCheckpoint(record.log.checkpoint, verifierKey)
  const earlier = openCheckpoint(earlierText, verifierKey)
  if (earlier.size > head.size) throw new LogError('shortened_log', 'the log has fewer entries than it has signed for')
  if (earlier.size === head.size) {
    if (earlier.root.equals(head.root)) return earlier
    throw new LogError('forked_log', 'the log has signed two histories that exclude each other')
  }
  const { consistency } = record.log
  if (consistency?.from !== earlier.size) {
    throw new LogError('unproved_growth', 'the record has no proof that begins at the head that was kept')
  }
  const claim = { oldSize: earlier.size, oldRoot: earlier.root, newSize: head.size, newRoot: head.root }
  verifyConsistency(claim, decodeProof(consistency.proof))
  return earlier
}

function assertLogged(entry: LogRecordEntry, head: Checkpoint): void {
  const { index, proof } = entry
  if (index >= head.size) throw new LogError('not_yet_logged', 'the head does not cover this entry', { index })
  try {
    const claim = { index, size: head.size, leafHash: entryHash(entry), root: head.root }
    verifyInclusion(claim, decodeProof(proof))
  } catch (cause) {
    throw new LogError('tampered_entry', 'this event and its proof do not lead to the signed root', { cause, index })
  }
}
