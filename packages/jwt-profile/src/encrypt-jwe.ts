import { CompactEncrypt } from 'jose'
import { JwtError } from './jwt-error.ts'
import { importPublicJwk, type PublicJwk } from './public-jwk.ts'

/** The two content encryptions of the profile. HAIP#openid-for-verifiable-presentations */
export type ContentEncryption = 'A128GCM' | 'A256GCM'

/**
 * Encrypts a text to a public key with ECDH-ES: a fresh key per message, no compression, since the length of compressed
 * text tells about its content. RFC8725#section-3.6
 *
 * In: the text, the receiver's key with its `kid` if it has one, `typ` and `cty` where they apply, the content encryption. Out: the
 * compact form. Throws `JwtError` `invalid_key` when the key is not for ECDH-ES on P-256.
 */
export async function encryptJwe(
  plaintext: string,
  to: PublicJwk,
  header: { readonly typ?: string; readonly cty?: string },
  enc: ContentEncryption,
): Promise<string> {
  if ((to.use ?? 'enc') !== 'enc' || (to.alg ?? 'ECDH-ES') !== 'ECDH-ES') throw new JwtError('invalid_key')
  const key = importPublicJwk(to)
  return new CompactEncrypt(Buffer.from(plaintext))
    .setProtectedHeader({ ...header, alg: 'ECDH-ES', enc, ...(to.kid !== undefined && { kid: to.kid }) })
    .encrypt(key)
}
