import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isAddress, isLoopbackAddress, isPublicAddress } from './check-address.ts'
import { FetchError } from './fetch-error.ts'

export type UrlPolicy = {
  readonly mode: 'development' | 'production'
  /** Hosts (`name` or `name:port`) that may be anywhere and without TLS; heeded in development only. */
  readonly allowedHosts: readonly string[]
}

/** The parsed URL when it may be asked at all; else `FetchError` `url-refused` or `address-refused`. No name is looked up. */
export function readUrl(policy: UrlPolicy, text: string): URL {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || text.length > 2_048)
    throw new FetchError('url-refused')
  if (isExempt(policy, url)) {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new FetchError('url-refused')
    return url
  }
  if (url.protocol !== 'https:') throw new FetchError('url-refused')
  const host = hostOf(url)
  // An address is connected to without being looked up, so it is judged here.
  if (isAddress(host) && !isPublicAddress(host)) throw new FetchError('address-refused')
  return url
}

// URL writes every spelling of an IPv4 address (hexadecimal, octal, one number) in the usual one.
function isExempt({ mode, allowedHosts }: UrlPolicy, url: URL): boolean {
  if (mode !== 'development') return false
  const host = hostOf(url)
  return (
    allowedHosts.includes(url.hostname) ||
    allowedHosts.includes(url.host) ||
    host === 'localhost' ||
    isLoopbackAddress(host)
  )
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

/**
 * The name look-up that connections use: every address of a name must be allowed, and the connection goes to one of the
 * addresses that were judged here. A second look-up, which could answer otherwise, never happens.
 */
export function createLookup(policy: UrlPolicy, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      const refused = addresses.some(({ address }) => !mayConnect(policy, hostname, address))
      const first = addresses[0]
      if (refused || !first) return callback(new FetchError('address-refused'), '', 0)
      if (options.all) return callback(null, addresses)
      return callback(null, first.address, first.family)
    })
  }
}

function mayConnect({ mode, allowedHosts }: UrlPolicy, hostname: string, address: string): boolean {
  if (isPublicAddress(address)) return true
  if (mode !== 'development') return false
  if (hostname === 'localhost') return isLoopbackAddress(address)
  return allowedHosts.some((allowed) => allowed === hostname || allowed.startsWith(`${hostname}:`))
}
