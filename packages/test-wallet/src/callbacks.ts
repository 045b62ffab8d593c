import { createHash, randomBytes } from 'node:crypto'
import { type CallbackContext, clientAuthenticationAnonymous, type Jwk } from '@openid4vc/oauth2'
import { CompactEncrypt, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { Surroundings } from './surroundings.ts'
import { verifyByCertificate } from './verify-certificate.ts'

/** What the OpenID4VC libraries ask of a wallet: signing with our keys, verifying by certificate, encrypting. */
export function walletCallbacks({ ca, fetch }: Surroundings, ourKeys: readonly JWK[]) {
  return {
    fetch,
    hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
    generateRandom: (bytes) => randomBytes(bytes),
    clientAuthentication: clientAuthenticationAnonymous(),
    signJwt: async (signer, { header, payload }) => {
      if (signer.method !== 'jwk') throw new Error('this wallet signs with bare keys')
      const key = ourKeys.find(({ x, y }) => x === signer.publicJwk.x && y === signer.publicJwk.y)
      if (!key) throw new Error('asked to sign with a key that is not ours')
      const jwt = new SignJWT(payload as JWTPayload).setProtectedHeader({ ...header, alg: 'ES256' } as never)
      return { jwt: await jwt.sign(await importJWK(key, 'ES256')), signerJwk: signer.publicJwk }
    },
    verifyJwt: async (_signer, { compact }) => {
      const leaf = verifyByCertificate(ca, compact)
      return { verified: true, signerJwk: leaf.publicKey.export({ format: 'jwk' }) as Jwk }
    },
    encryptJwe: async ({ publicJwk, alg, enc }, data) => {
      // VP#response_encryption: the header names the key, when the key has a name.
      const kid = publicJwk.kid === undefined ? {} : { kid: publicJwk.kid }
      const encrypt = new CompactEncrypt(Buffer.from(data)).setProtectedHeader({ alg, enc, ...kid })
      return { encryptionJwk: publicJwk, jwe: await encrypt.encrypt(await importJWK(publicJwk as JWK, alg)) }
    },
    decryptJwe: () => ({ decrypted: false }),
    // Needed by the library's types only: verifiers are known by the hash of their certificate.
    getX509CertificateMetadata: () => ({ sanDnsNames: [], sanUriNames: [] }),
  } satisfies CallbackContext
}
