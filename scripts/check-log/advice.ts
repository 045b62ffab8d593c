import type { LogErrorCode } from '@samen/transparency-log'

export const USAGE = `npm run check-log -- <record.json> [--earlier <file>] [--anchor <file>] [--key <verifier key>] [--log <address or folder>]

  record.json   the record of a family, as the registry's page "everything about my child" gives it. It holds its own proofs:
                nothing is read from the network
  --earlier     a record, or a head of the log, that you kept at another time: the log has to be its continuation
  --anchor      the public file of your federation (trust-anchor.json): then it is also checked that the schools in it certified
                the keys with which was decided
  --key         the key of the log, when you have it from elsewhere than the record
  --log         also compares with the log as it is served now: an address, or a folder with a copy`

/** What to say, and to do, about each kind of fault. The exit code tells the kinds apart for programs. */
export type Advice = { exit: number; title: string; next: string }

export const USAGE_FAULT: Advice = { exit: 2, title: 'NOT CHECKED', next: USAGE }
export const UNREADABLE: Advice = {
  exit: 2,
  title: 'NOT CHECKED: a file cannot be read as what it should be',
  next: 'Fetch the record again and check that one. Keep the file as it is: it may matter later.',
}
const BAD_SIGNATURE: Advice = {
  exit: 3,
  title: 'BAD SIGNATURE: a head of the log is not signed by the key of the log',
  next:
    'Nothing that was shown can be relied on. Compare the key with the one that the registry publishes in the federation ' +
    '(log_verifier_key), and check again with --key. When the key is right, tell the school and the operator of the federation.',
}
const TAMPERED: Advice = {
  exit: 4,
  title: 'TAMPERED ENTRY: the log holds something else than this record says',
  next:
    'Somebody changed the event after it was logged, in this file or at the registry. Fetch the record again: when the entry is ' +
    'still wrong, the registry tells you another story than it logged. Show both files to the school and the supervisory authority.',
}
export const CONTRADICTED: Advice = {
  exit: 9,
  title: 'CONTRADICTION: what this record tells you is not what was logged',
  next:
    'The log holds another answer, text or date than the record shows, or the record leaves out what it should prove. Fetch the record ' +
    'again: when it stays so, believe the log entries, and show this file to the school and the supervisory authority.',
}
export const FORGED: Advice = {
  exit: 10,
  title: 'FORGED DECISION: a decision in this record was not signed by the one who is said to have taken it',
  next:
    'Nobody but the holder of the wallet can sign a decision, so do not let it count. Withdraw on the page of the request, and show this ' +
    'file to the school and the supervisory authority.',
}
const FORKED: Advice = {
  exit: 5,
  title: 'FORKED LOG: the log of today does not continue the log that was signed before',
  next:
    'The registry has signed two pasts that exclude each other, and the two signed heads prove it. Keep this record and the head ' +
    'printed above, and give both to the operator of the federation and the supervisory authority.',
}
const NOT_LOGGED: Advice = {
  exit: 6,
  title: 'NOT LOGGED: the record names an entry that its signed head does not cover',
  next: 'Fetch the record again in a minute. When the entry is still not covered, ask the registry why it is not logged.',
}
const UNPROVED: Advice = {
  exit: 11,
  title: 'NOT PROVED: this record does not show that its log continues the one that you kept',
  next:
    'That says nothing against the log yet. On the page of your record, fetch it again with the number behind "size" of the record that ' +
    'you kept, or compare with the log itself: --log. When that does not help, ask the registry for the proof.',
}
const DAMAGED: Advice = {
  exit: 7,
  title: 'DAMAGED LOG: what the log serves does not add up to what it signed',
  next:
    'The copy that was read is incomplete or was changed on the way; that proves nothing about your record yet. Try again, or read ' +
    'the log elsewhere with --log. When it stays so, tell the registry and the operator of the federation.',
}
export const UNREACHABLE: Advice = {
  exit: 8,
  title: 'NOT CHECKED: the log cannot be read',
  next: 'Try again later, or read a copy of the log with --log. A log that stays away is a reason to ask the registry.',
}

export const ADVICE: Record<LogErrorCode, Advice> = {
  malformed_record: UNREADABLE,
  malformed_key: UNREADABLE,
  malformed_note: BAD_SIGNATURE,
  malformed_checkpoint: BAD_SIGNATURE,
  unknown_signer: BAD_SIGNATURE,
  bad_signature: BAD_SIGNATURE,
  foreign_log: BAD_SIGNATURE,
  tampered_entry: TAMPERED,
  malformed_leaf: TAMPERED,
  forked_log: FORKED,
  shortened_log: FORKED,
  unproved_growth: UNPROVED,
  invalid_proof: UNPROVED,
  not_yet_logged: NOT_LOGGED,
  damaged_tiles: DAMAGED,
  missing_tile: DAMAGED,
  malformed_tile: DAMAGED,
}

/** A fault that is not the log's: of the command line, of a file, of the network. */
export class CheckFault extends Error {
  readonly advice: Advice

  constructor(advice: Advice, message: string, cause?: unknown) {
    super(message, { cause })
    this.advice = advice
  }
}
