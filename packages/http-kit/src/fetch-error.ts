export type FetchErrorCode =
  | 'url-refused'
  | 'address-refused'
  | 'unreachable'
  | 'timeout'
  | 'busy'
  | 'too-large'
  | 'bad-status'
  | 'bad-content'

/** A request to elsewhere that gave nothing usable. Names no URL and repeats nothing of what was received. */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  readonly code: FetchErrorCode
  /** The status of the answer, with `bad-status`. */
  readonly status: number | undefined

  constructor(code: FetchErrorCode, options: { status?: number; cause?: unknown } = {}) {
    super(`the request failed: ${code}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = options.status
  }
}
