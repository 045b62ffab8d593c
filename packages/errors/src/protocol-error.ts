/** What a refusal may carry besides its three public members: the hidden reason and the HTTP headers of the answer. */
export type RefusalOptions = { readonly cause?: unknown; readonly headers?: Readonly<Record<string, string>> }

/**
 * A refusal in the words of a protocol specification; http-kit renders it as `{ error, error_description }`.
 *
 * In: the HTTP status, the code from the specification's own list, and a constant sentence for the other party.
 * The reason goes into `cause`, which is never rendered: an error that echoes its input leaks it into the logs of
 * others. RFC6749#section-5.2, VCI#token-error-response.
 */
export class ProtocolError extends Error {
  readonly status: number
  readonly code: string
  readonly description: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, description: string, options: RefusalOptions = {}) {
    super(`${code}: ${description}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'ProtocolError'
    this.status = status
    this.code = code
    this.description = description
    this.headers = options.headers ?? {}
  }
}
