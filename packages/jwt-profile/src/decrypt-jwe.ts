import { KeyObject } from 'node:crypto'
import type { JsonObject } from '@samen/strict-json'
import { compactDecrypt } from 'jose'
import { decodeUtf8 } from './decode-base64url.ts'
import { decodeJsonObject } from './decode-jwt.ts'
import type { ContentEncryption } from './encrypt-jwe.ts'
import { JwtError } from './jwt-error.ts'
import { importPublicJwk } from './public-jwk.ts'
import { importPrivateJwk, type PrivateJwk } from './signing-key.ts'

/** What the receiver demands: the name of its key, the content encryptions it announced, the most bytes it takes. */
export type DecryptionPolicy = {
  readonly kid: string
  readonly enc: readonly ContentEncryption[]
  readonly maxBytes: number
}

const FORBIDDEN_HEADERS = ['crit', 'zip', 'jku', 'x5u', 'jwk', 'x5c', 'p2c']

/**
 * Decrypts a message to one of our keys: ECDH-ES directly, and nothing else.
 *
 * In: the compact form, the private key, the policy. Out: the protected header and the text. Throws `JwtError`; whatever
 * fails inside the decryption is `undecryptable`, without saying where. RFC7516#section-5.2, VP#section-8.3
 */
export async function decryptJwe(
  jwe: string,
  privateKey: KeyObject | PrivateJwk,
  policy: DecryptionPolicy,
): Promise<{ header: JsonObject; plaintext: string }> {
  const header = checkHeader(jwe, policy)
  const key = privateKey instanceof KeyObject ? privateKey : importPrivateJwk(privateKey).privateKey
  try {
    const { plaintext } = await compactDecrypt(jwe, key, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: [...policy.enc],
    })
    return { header, plaintext: decodeUtf8(Buffer.from(plaintext)) }
  } catch (cause) {
    throw new JwtError('undecryptable', { cause })
  }
}

/** All of it before the first operation with the private key: an off-curve `epk` is how such keys are stolen. */
function checkHeader(jwe: string, policy: DecryptionPolicy): JsonObject {
  if (jwe.length > policy.maxBytes) throw new JwtError('too_large')
  const parts = jwe.split('.', 6)
  const [protectedHeader, encryptedKey] = parts
  if (parts.length !== 5 || protectedHeader === undefined || encryptedKey !== '') throw new JwtError('malformed')
  const header = decodeJsonObject(protectedHeader)
  if (header['alg'] !== 'ECDH-ES') throw new JwtError('unsupported_algorithm')
  if (!policy.enc.some((enc) => enc === header['enc'])) throw new JwtError('unsupported_algorithm')
  for (const name of FORBIDDEN_HEADERS) {
    if (Object.hasOwn(header, name)) throw new JwtError('forbidden_header')
  }
  if (header['kid'] !== policy.kid) throw new JwtError('unknown_key')
  importPublicJwk(header['epk'])
  return header
}
