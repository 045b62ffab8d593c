import { ProtocolError } from '@samen/errors'

type Headers = { readonly accept?: string | undefined; readonly 'content-type'?: string | undefined }

/** True when a browser asks: pages are for whoever says that it reads HTML, JSON is for everybody else. */
export function wantsPage(headers: Headers): boolean {
  return (headers.accept ?? '').toLowerCase().includes('text/html')
}

/** Throws ProtocolError 415 for a body of another media type: what happens to have the right form in it is not read. */
export function assertMediaType(headers: Headers, expected: string): void {
  if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() === expected) return
  throw new ProtocolError(415, 'invalid_request', 'the body has another media type')
}
