import { randomUUID } from 'node:crypto'
import type { Printer } from './print.ts'

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

/** Calls the services as their users would: over HTTP, and shows each call. */
export interface Client {
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, options: CallOptions): Promise<Reply>
}

/** @param print where calls are shown, or null when they stay silent */
export function createClient(print: Printer | null): Client {
  return {
    async call(method, url, options) {
      const reply = await fetch(url, { method, redirect: 'manual', ...requestParts(method, options) })
      const text = await reply.text()
      print?.call(method, readable(url), reply.status)
      const body = /json/.test(reply.headers.get('content-type') ?? '') ? JSON.parse(text) : text
      if (![options.expect].flat().includes(reply.status)) {
        throw new Error(
          `${method} ${readable(url)} answered ${reply.status}, not ${options.expect}: ${text.slice(0, 500)}`,
        )
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

/** Host and long random parts cut short: a reader looks for the endpoint, not for the id. */
function readable(url: string): string {
  const { host, pathname } = new URL(url)
  const path = pathname
    .split('/')
    .map((part) => (/^[A-Za-z0-9_-]{20,}$/.test(part) ? `${part.slice(0, 6)}…` : part))
    .join('/')
  return `${host}${path}`
}
