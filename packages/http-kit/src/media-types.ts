import { ProtocolError } from '@samen/errors'
import Negotiator from 'negotiator'

type Headers = { readonly accept?: string | undefined; readonly 'content-type'?: string | undefined }

/**
 * The media type that a client likes best of those that are offered, the first one where it does not care; undefined when it takes none of
 * them (RFC 9110, 12.5.1). In: the headers of the request, the offered types in our own order.
 */
export function preferredType<Type extends string>(headers: Headers, offered: readonly Type[]): Type | undefined {
  return new Negotiator({ headers }).mediaType([...offered]) as Type | undefined
}

/** True when a client takes gzip, and likes it at least as well as no encoding (RFC 9110, 12.5.3). */
export function acceptsGzip(headers: { readonly 'accept-encoding'?: string | string[] | undefined }): boolean {
  const header = headers['accept-encoding']
  return (
    new Negotiator({ headers: { 'accept-encoding': String(header ?? '') } }).encoding(['gzip', 'identity']) === 'gzip'
  )
}

/** True when a browser asks: pages are for who likes HTML better than JSON, JSON is for everybody else. */
export function wantsPage(headers: Headers): boolean {
  return preferredType(headers, ['application/json', 'text/html']) === 'text/html'
}

/** Whether a body is said to be of this media type. */
export function isMediaType(headers: Headers, expected: string): boolean {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() === expected
}

/** Throws ProtocolError 415 for a body of another media type: what happens to have the right form in it is not read. */
export function assertMediaType(headers: Headers, expected: string): void {
  if (isMediaType(headers, expected)) return
  throw new ProtocolError(415, 'invalid_request', 'the body has another media type')
}
