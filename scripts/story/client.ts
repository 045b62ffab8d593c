import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** A reply of a service: its status and its JSON (or text) body. */
export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the story reads many shapes; a wrong one fails its next step
  readonly body: any
  readonly headers: Headers
}

export interface CallOptions {
  readonly apiKey?: string
  readonly json?: unknown
  readonly bytes?: { readonly type: string; readonly content: Uint8Array }
  readonly form?: Record<string, string>
  readonly accept?: string
  readonly cookie?: string
  /** The status that the story needs here; any other one ends it. */
  readonly expect: number | readonly number[]
}

/** Calls the services as their users would: over HTTP. */
export interface Client {
  call(method: Method, url: string, options: CallOptions): Promise<Reply>
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
/** A call that was answered; `text` is the body as it came. */
export interface Answered {
  readonly method: Method
  readonly url: string
  readonly status: number
  readonly text: string
}

/** A node that has just come up may not reach yet another one that has not, and says when to come back. */
const PATIENCE_MS = 15_000

/** A service answers within seconds, the largest delivery included. */
export const ANSWER_MS = 30_000

/** @param tell hears of each answer */
export function createClient(tell: (answered: Answered) => void): Client {
  return {
    async call(method, url, options) {
      const expected = [options.expect].flat()
      // Under one idempotency key: what was done, though nobody heard of it, is not done again.
      const request = { method, redirect: 'manual', ...requestParts(method, options) } as const
      const deadline = performance.now() + PATIENCE_MS
      for (;;) {
        const answer = await ask(url, request)
        const { status, headers, text } = answer
        tell({ method, url, status, text })
        if (expected.includes(status)) return { status, headers, body: bodyOf(answer) }
        const pause = pauseOf(answer)
        if (pause === undefined || performance.now() + pause >= deadline)
          throw new Error(`${method} ${url} answered ${status}, not ${options.expect}: ${text.slice(0, 500)}`)
        await sleep(pause)
      }
    },
  }
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

function bodyOf({ headers, text }: Answer): unknown {
  return /json/.test(headers.get('content-type') ?? '') ? JSON.parse(text) : text
}

/** After how many milliseconds a service that cannot answer now wants to be asked again; undefined when it does not say. */
function pauseOf({ status, headers }: Answer): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return status === 503 && Number.isFinite(seconds) ? seconds * 1000 : undefined
}

async function ask(url: string, request: RequestInit): Promise<Answer> {
  const reply = await answerOf(url, request)
  return { status: reply.status, headers: reply.headers, text: await reply.text() }
}

async function answerOf(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_MS) })
  } catch (cause) {
    throw new Error(`${request.method} ${url} was not answered: look at the log of that service`, { cause })
  }
}

function requestParts(
  method: string,
  options: CallOptions,
): { headers: Headers; body?: string | Uint8Array<ArrayBuffer> } {
  const headers = new Headers({ accept: options.accept ?? 'application/json' })
  if (options.apiKey) headers.set('authorization', `Bearer ${options.apiKey}`)
  if (options.cookie) headers.set('cookie', options.cookie)
  if (method === 'POST') headers.set('idempotency-key', randomUUID())
  if (options.bytes) {
    headers.set('content-type', options.bytes.type)
    return { headers, body: new Uint8Array(options.bytes.content) }
  }
  if (options.form) {
    headers.set('content-type', 'application/x-www-form-urlencoded')
    return { headers, body: new URLSearchParams(options.form).toString() }
  }
  if (options.json === undefined) return { headers }
  headers.set('content-type', 'application/json')
  return { headers, body: JSON.stringify(options.json) }
}
