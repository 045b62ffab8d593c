import type { X509Certificate } from 'node:crypto'

/** What a wallet stands in: whom it trusts, and its way out to the network. */
export interface Surroundings {
  readonly ca: X509Certificate
  readonly fetch: typeof fetch
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** A fetch that follows no redirect and refuses plain http, save on loopback when `allowInsecureLoopback`. */
export function guardedFetch(send: typeof fetch, allowInsecureLoopback: boolean): typeof fetch {
  return async (input, init) => {
    const { protocol, hostname } = new URL(input instanceof Request ? input.url : input)
    const allowed = protocol === 'https:' || (allowInsecureLoopback && protocol === 'http:' && LOOPBACK.has(hostname))
    if (!allowed) throw new Error('this wallet speaks https only')
    return send(input, { redirect: 'error', ...init })
  }
}
