/** What can be wrong with a log, its checkpoints, or a record that cites it. Each code needs another answer from the reader. */
export type LogErrorCode =
  | 'malformed_note'
  | 'malformed_key'
  | 'malformed_checkpoint'
  | 'malformed_record'
  | 'malformed_tile'
  | 'malformed_leaf'
  | 'unknown_signer'
  | 'bad_signature'
  | 'foreign_log'
  | 'missing_tile'
  | 'damaged_tiles'
  | 'not_yet_logged'
  | 'tampered_entry'
  | 'forked_log'
  | 'shortened_log'
  | 'unproved_growth'
  | 'invalid_proof'

/** A refusal by this package. `code` is stable; `index` is the log entry it is about, when it is about one. */
export class LogError extends Error {
  readonly code: LogErrorCode
  readonly index: number | undefined

  constructor(code: LogErrorCode, message: string, options: { cause?: unknown; index?: number } = {}) {
    super(message, { cause: options.cause })
    this.name = 'LogError'
    this.code = code
    this.index = options.index
  }
}
