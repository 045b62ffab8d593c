import { sign } from 'node:crypto'
import { derToConcatenated } from './ecdsa-signature.ts'
import type { SigningKey } from './signing-key.ts'

type KeptHeaders = { readonly x5c: unknown; readonly byType: Map<string, string> }
const keptHeaders = new WeakMap<SigningKey, KeptHeaders>()

/**
 * Signs a message with ES256.
 *
 * In: the key; the header, at least an explicit `typ` (RFC8725#section-3.11), with `x5c: key.x5c` where the certificate
 * must travel along; the claims, undefined members left out. `alg` and `kid` are set here, `kid` not beside an embedded
 * `jwk`, since a token names its key in one way (VCI#jwt-proof-type). Out: the compact form. RFC7515#section-7.1
 */
export function signJwt(
  key: SigningKey,
  header: { readonly typ: string } & Readonly<Record<string, unknown>>,
  payload: Readonly<Record<string, unknown>>,
): string {
  const signingInput = `${encodedHeader(key, header)}.${encodeJson(payload)}`
  const signature = derToConcatenated(sign('sha256', Buffer.from(signingInput), key.privateKey))
  return `${signingInput}.${signature.toString('base64url')}`
}

/** Nearly all headers are a constant `typ`, and perhaps the chain of the key: their text is kept as long as the key is. */
function encodedHeader(key: SigningKey, header: { readonly typ: string } & Readonly<Record<string, unknown>>): string {
  const members = Object.keys(header).length
  const constant = members === 1 || (members === 2 && header['x5c'] !== undefined && header['x5c'] === key.x5c)
  if (!constant) return writeHeader(key, header)
  let kept = keptHeaders.get(key)
  if (kept === undefined || (members === 2 && kept.x5c !== key.x5c)) {
    kept = { x5c: key.x5c, byType: new Map() }
    keptHeaders.set(key, kept)
  }
  const name = `${members} ${header.typ}`
  const known = kept.byType.get(name)
  if (known !== undefined) return known
  const text = writeHeader(key, header)
  if (kept.byType.size < 64) kept.byType.set(name, text)
  return text
}

function writeHeader(key: SigningKey, header: Readonly<Record<string, unknown>>): string {
  const named = header['jwk'] === undefined ? { kid: key.kid } : {}
  return encodeJson({ ...header, alg: 'ES256', ...named })
}

function encodeJson(value: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
