import type { Deps } from '../deps.ts'

/** The receiver has had this message before: as good as delivered. */
const ALREADY_RECEIVED = 409

/** Posts a message and returns when the receiver has taken it (2xx, or 409 for one it had). Throws otherwise, to be retried. */
export async function deliver(
  deps: Pick<Deps, 'fetcher'>,
  url: string,
  message: { contentType: string; body: string },
): Promise<void> {
  const { status } = await deps.fetcher.post(url, message)
  if ((status < 200 || status > 299) && status !== ALREADY_RECEIVED) throw new Error(`the receiver answered ${status}`)
}
