import { randomUUID } from 'node:crypto'

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

/** @param tell hears of each answer */
export function createClient(tell: (answered: Answered) => void): Client {
  return {
    async call(method, url, options) {
      const reply = await fetch(url, { method, redirect: 'manual', ...requestParts(method, options) })
      const text = await reply.text()
      tell({ method, url, status: reply.status, text })
      const body = /json/.test(reply.headers.get('content-type') ?? '') ? JSON.parse(text) : text
      if (![options.expect].flat().includes(reply.status)) {
        throw new Error(`${method} ${url} answered ${reply.status}, not ${options.expect}: ${text.slice(0, 500)}`)
      }
      return { status: reply.status, body, headers: reply.headers }
    },
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
