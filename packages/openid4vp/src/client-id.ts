import { x509Hash } from '@samen/certificates'

/**
 * The client identifier with its prefix, VP#client_identifier_prefixes, HAIP#openid-for-verifiable-presentations: base64url
 * SHA-256 of the DER of the leaf. `x5c` is the chain of the signing key, leaf first. Throws RangeError when it is empty.
 */
export function x509HashClientId(x5c: readonly string[]): string {
  const leaf = x5c[0]
  if (leaf === undefined) throw new RangeError('a request is signed with a certified key')
  return `x509_hash:${x509Hash(leaf)}`
}

/**
 * The link or QR content that opens a wallet. Always by reference: what is asked is only in the signed object, so that
 * neither the link nor its copies show or change it (HAIP#oid4vp-redirects, VP#request_uri_method_post).
 */
export function authorizationRequestUri(scheme: 'haip-vp' | 'openid4vp', clientId: string, requestUri: string): string {
  const parameters = new URLSearchParams({ client_id: clientId, request_uri: requestUri, request_uri_method: 'post' })
  return `${scheme}://?${parameters}`
}
