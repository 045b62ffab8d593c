import { Agent, type Dispatcher, request } from 'undici'
import { FetchError } from './fetch-error.ts'
import type { Fetcher, PostReply, PostRequest } from './fetcher.ts'
import { createHostLimit } from './limit-per-host.ts'
import { createLookup, readUrl, type UrlPolicy } from './url-policy.ts'

const MAX_BYTES = 1_048_576
const MOST_BYTES = 16 * MAX_BYTES
const TOTAL_MS = 5_000

/** Of an answer that is not read, so much is let in that its connection can be used again. */
const DROPPED_BYTES = 16_384

type Asked = Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'>
type Call = Asked & { maxBytes: number }

/** Opens a fetcher; see `Fetcher` for what it allows. `totalMs` shortens the deadline. */
export function createFetcher(policy: UrlPolicy & { readonly totalMs?: number }): Fetcher {
  const agent = new Agent({
    connect: { lookup: createLookup(policy), timeout: 3_000 },
    maxHeaderSize: 16_384,
    pipelining: 1,
  })
  const limit = createHostLimit()
  const underway = new Map<string, Promise<string>>()
  const within = async <T>(text: string, task: (url: URL, signal: AbortSignal) => Promise<T>): Promise<T> => {
    const url = readUrl(policy, text)
    const signal = AbortSignal.timeout(policy.totalMs ?? TOTAL_MS)
    return limit(url.host, signal, () => task(url, signal)).catch((error: unknown) => {
      throw asFetchError(error, signal)
    })
  }
  const call = (text: string, options: Call): Promise<PostReply> =>
    within(text, (url, signal) => ask(agent, url, signal, options))
  return {
    getText: (url, { accept, maxBytes = MAX_BYTES }) => {
      const key = `${accept} ${maxBytes} ${url}`
      const running = underway.get(key) ?? getText(call, url, accept, maxBytes).finally(() => underway.delete(key))
      underway.set(key, running)
      return running
    },
    post: (url, message) => call(url, { ...posting(message), maxBytes: MAX_BYTES }),
    deliver: (url, message) => within(url, (target, signal) => askForStatus(agent, target, signal, posting(message))),
    close: () => agent.destroy(),
  }
}

function posting({ contentType, body, headers }: PostRequest): Asked {
  return { method: 'POST', headers: { ...headers, 'content-type': contentType }, body }
}

async function getText(
  call: (url: string, options: Call) => Promise<PostReply>,
  url: string,
  accept: string,
  maxBytes: number,
): Promise<string> {
  const reply = await call(url, {
    method: 'GET',
    headers: { accept },
    body: null,
    maxBytes: Math.min(maxBytes, MOST_BYTES),
  })
  if (reply.status !== 200) throw new FetchError('bad-status', { status: reply.status })
  const [type] = String(reply.headers['content-type'] ?? '').split(';')
  if (accept !== '*/*' && type?.trim().toLowerCase() !== accept.toLowerCase()) throw new FetchError('bad-content')
  return reply.body
}

async function ask(agent: Agent, url: URL, signal: AbortSignal, options: Call): Promise<PostReply> {
  const { maxBytes, ...asked } = options
  const { statusCode, headers: received, body } = await send(agent, url, signal, asked)
  if (Number(received['content-length'] ?? 0) > maxBytes) {
    body.destroy()
    throw new FetchError('too-large')
  }
  return { status: statusCode, headers: received, body: await readUpTo(body, maxBytes) }
}

async function askForStatus(agent: Agent, url: URL, signal: AbortSignal, asked: Asked): Promise<number> {
  const { statusCode, body } = await send(agent, url, signal, asked)
  // Not waited for: the status is the answer, and a body without end is cut off by the limit or the signal.
  void body.dump({ limit: DROPPED_BYTES }).catch(() => undefined)
  return statusCode
}

function send(agent: Agent, url: URL, signal: AbortSignal, asked: Asked): Promise<Dispatcher.ResponseData> {
  const headers = { ...(asked.headers as Record<string, string>), 'accept-encoding': 'identity' }
  return request(url, { ...asked, headers, signal, dispatcher: agent })
}

async function readUpTo(body: AsyncIterable<Buffer> & { destroy: () => unknown }, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    // Leaving the loop closes the connection.
    if (size > maxBytes) throw new FetchError('too-large')
    chunks.push(chunk)
  }
  return decode(Buffer.concat(chunks))
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new FetchError('bad-content', { cause })
  }
}

function asFetchError(error: unknown, signal: AbortSignal): FetchError {
  if (error instanceof FetchError) return error
  if (signal.aborted) return new FetchError('timeout', { cause: error })
  return new FetchError('unreachable', { cause: error })
}
