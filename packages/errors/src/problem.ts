import type { RefusalOptions } from './protocol-error.ts'

/** What a problem may add: a constant sentence for the reader, and members of the problem type itself. */
export type ProblemOptions = RefusalOptions & {
  readonly detail?: string
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * A refusal by a management API; http-kit renders it as `application/problem+json` with the type
 * `urn:samen:problem:<slug>`.
 *
 * In: the HTTP status, the slug by which programs tell problems apart, and a constant title. RFC9457#section-3.
 */
export class Problem extends Error {
  readonly status: number
  readonly slug: string
  readonly title: string
  readonly detail: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly extensions: Readonly<Record<string, unknown>> | undefined

  constructor(status: number, slug: string, title: string, options: ProblemOptions = {}) {
    super(`${slug}: ${title}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'Problem'
    this.status = status
    this.slug = slug
    this.title = title
    this.detail = options.detail
    this.headers = options.headers ?? {}
    this.extensions = options.extensions
  }

  /** The problem type as an absolute URI: stable, ours, and needing no server. RFC9457#section-3.1.1 */
  get type(): string {
    return `urn:samen:problem:${this.slug}`
  }
}
