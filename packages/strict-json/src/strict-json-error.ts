/** Why a text is not the JSON we take. */
export type StrictJsonErrorCode =
  | 'too_large'
  | 'too_deep'
  | 'not_json'
  | 'duplicate_member'
  | 'forbidden_member'
  | 'forbidden_character'
  | 'number_out_of_range'

/** The refusal of a JSON text or value. It names the rule that was broken and never the input. */
export class StrictJsonError extends Error {
  readonly code: StrictJsonErrorCode

  constructor(code: StrictJsonErrorCode) {
    super(`the JSON is refused: ${code}`)
    this.name = 'StrictJsonError'
    this.code = code
  }
}
