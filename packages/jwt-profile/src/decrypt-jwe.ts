import { createDecipheriv, type KeyObject } from 'node:crypto'
import type { JsonObject } from '@samen/strict-json'
import { deriveContentKey } from './content-key.ts'
import { decodeBase64url, decodeUtf8 } from './decode-base64url.ts'
import { decodeJsonObject } from './decode-jwt.ts'
import type { ContentEncryption } from './encrypt-jwe.ts'
import { JwtError } from './jwt-error.ts'
import { importOneTimeJwk } from './public-jwk.ts'
import { importPrivateJwk, type PrivateJwk } from './signing-key.ts'

/** What the receiver demands: the name of its key, the content encryptions it announced, the most bytes it takes. */
export type DecryptionPolicy = {
  readonly kid: string
  readonly enc: readonly ContentEncryption[]
  readonly maxBytes: number
}

/** The parts of the compact form that are decrypted, and the key agreed on for them. */
type Message = {
  readonly header: JsonObject
  readonly protectedHeader: string
  readonly enc: ContentEncryption
  readonly senderKey: KeyObject
  readonly nonce: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

const FORBIDDEN_HEADERS = ['crit', 'zip', 'jku', 'x5u', 'jwk', 'x5c']
const NONCE_LENGTH = 12
const TAG_LENGTH = 16

/**
 * Decrypts a message to one of our keys: ECDH-ES directly, and nothing else. Done by hand, since every presentation
 * passes here and jose takes three times as long (`docs/adr/0016`); jose is the other side in the tests.
 *
 * In: the compact form, the private key, the policy. Out: the protected header and the text. Throws `JwtError`; whatever
 * is wrong inside is `undecryptable`, without saying what. RFC7516#section-5.2, VP#response_encryption
 */
export function decryptJwe(
  jwe: string,
  privateJwk: PrivateJwk,
  policy: DecryptionPolicy,
): { header: JsonObject; plaintext: string } {
  const message = readMessage(jwe, policy)
  const { privateKey } = importPrivateJwk(privateJwk)
  return { header: message.header, plaintext: decodeUtf8(decrypt(message, privateKey)) }
}

/** All of it before the first operation with the private key: an off-curve `epk` is how such keys are stolen. */
function readMessage(jwe: string, policy: DecryptionPolicy): Message {
  if (jwe.length > policy.maxBytes) throw new JwtError('too_large')
  const parts = jwe.split('.', 6)
  const [protectedHeader, encryptedKey, nonce, ciphertext, tag] = parts as [string, string, string, string, string]
  if (parts.length !== 5 || encryptedKey !== '') throw new JwtError('malformed')
  const header = decodeJsonObject(protectedHeader)
  const enc = checkHeader(header, policy)
  const message = {
    header,
    protectedHeader,
    enc,
    nonce: decodeBase64url(nonce),
    ciphertext: decodeBase64url(ciphertext),
    tag: decodeBase64url(tag),
  }
  // A short tag is quickly forged: its whole length is demanded. RFC7518#section-5.3
  if (message.nonce.length !== NONCE_LENGTH || message.tag.length !== TAG_LENGTH) throw new JwtError('malformed')
  return { ...message, senderKey: importOneTimeJwk(header['epk']) }
}

function checkHeader(header: JsonObject, policy: DecryptionPolicy): ContentEncryption {
  const enc = policy.enc.find((offered) => offered === header['enc'])
  if (header['alg'] !== 'ECDH-ES' || enc === undefined) throw new JwtError('unsupported_algorithm')
  for (const name of FORBIDDEN_HEADERS) {
    if (Object.hasOwn(header, name)) throw new JwtError('forbidden_header')
  }
  if (header['kid'] !== policy.kid) throw new JwtError('unknown_key')
  return enc
}

function decrypt(message: Message, privateKey: KeyObject): Buffer {
  const parties = { apu: readParty(message.header['apu']), apv: readParty(message.header['apv']) }
  const key = deriveContentKey({ privateKey, publicKey: message.senderKey, enc: message.enc, ...parties })
  const cipher = message.enc === 'A128GCM' ? 'aes-128-gcm' : 'aes-256-gcm'
  const decipher = createDecipheriv(cipher, key, message.nonce, { authTagLength: TAG_LENGTH })
  decipher.setAAD(Buffer.from(message.protectedHeader)).setAuthTag(message.tag)
  const plaintext = decipher.update(message.ciphertext)
  try {
    decipher.final()
  } catch (cause) {
    throw new JwtError('undecryptable', { cause })
  }
  return plaintext
}

function readParty(party: unknown): Buffer {
  if (party === undefined) return Buffer.alloc(0)
  if (typeof party !== 'string') throw new JwtError('malformed')
  return decodeBase64url(party)
}
