export type PostRequest = {
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export type PostReply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/**
 * The only way out to addresses that others name: https (loopback and `allowedHosts` besides in development), addresses
 * checked and pinned, no redirects, answers of at most 1 MiB within 5 s in all, at most 8 requests to one host at once.
 * Everything that goes wrong is a `FetchError`.
 */
export type Fetcher = {
  /**
   * The text of a 200 answer of the media type `accept`. The same URL asked twice at once is fetched once.
   * `maxBytes` may lower the limit or raise it to 16 MiB.
   */
  readonly getText: (url: string, options: { accept: string; maxBytes?: number }) => Promise<string>
  /** Posts and gives back the answer, whatever its status. */
  readonly post: (url: string, request: PostRequest) => Promise<PostReply>
  /**
   * Posts and gives back the status of the answer. Its body is not read: whatever it is and however long, what was taken has been taken.
   */
  readonly deliver: (url: string, request: PostRequest) => Promise<number>
  readonly close: () => Promise<void>
}
