import { X509Certificate } from 'node:crypto'
import { setGlobalConfig } from '@openid4vc/oauth2'

/** What a wallet stands in: whom it trusts, and its way out to the network. */
export interface Surroundings {
  readonly ca: X509Certificate
  /** Follows no redirect, and refuses plain http where the wallet may not speak it. */
  readonly fetch: typeof fetch
}

export interface SurroundingsOptions {
  /** How the wallet reaches others; node's own fetch when absent. */
  readonly fetch?: typeof fetch
  /** Plain http is allowed on loopback; nowhere else, ever. */
  readonly allowInsecureLoopback: boolean
  /** The certificate authority under which issuers and verifiers have to be certified. */
  readonly trustedCaPem: string
}

// The library has one switch for the whole process, and a second wallet would turn it for the first. So it is off, and each wallet's own
// fetch refuses what that wallet may not do.
setGlobalConfig({ allowInsecureUrls: true })

/** Opens the surroundings of one wallet. Throws Error when the certificate of the authority cannot be read. */
export function openSurroundings({
  fetch: send = fetch,
  allowInsecureLoopback,
  trustedCaPem,
}: SurroundingsOptions): Surroundings {
  return { ca: new X509Certificate(trustedCaPem), fetch: guardedFetch(send, allowInsecureLoopback) }
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

function guardedFetch(send: typeof fetch, allowInsecureLoopback: boolean): typeof fetch {
  return async (input, init) => {
    const { protocol, hostname } = new URL(input instanceof Request ? input.url : input)
    const allowed = protocol === 'https:' || (allowInsecureLoopback && protocol === 'http:' && LOOPBACK.has(hostname))
    if (!allowed) throw new Error('this wallet speaks https only')
    return send(input, { redirect: 'error', ...init })
  }
}
