export { BoundedCache } from './bounded-cache.ts'
export { CLOCK_SKEW_SECONDS } from './check-claims.ts'
export { type DecodedJwt, decodeJwt } from './decode-jwt.ts'
export { type DecryptionPolicy, decryptJwe } from './decrypt-jwe.ts'
export { type ContentEncryption, encryptJwe } from './encrypt-jwe.ts'
export { type EncryptionKey, generateEncryptionKey } from './encryption-key.ts'
export { sha256, sha256Base64url } from './hash.ts'
export { JwtError, type JwtErrorCode } from './jwt-error.ts'
export { importPublicJwk, type PublicJwk, readPublicJwk, thumbprint } from './public-jwk.ts'
export { signJwt } from './sign-jwt.ts'
export {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type PrivateJwk,
  type SigningKey,
} from './signing-key.ts'
export { checkDecodedJwt, type JwtPolicy, type VerifiedJwt, verifyDecodedJwt, verifyJwt } from './verify-jwt.ts'
