import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto'
import { LogError } from './log-error.ts'

/** The key of a log: its name (the checkpoint origin), the private key, and the text by which others verify. */
export type LogKey = { name: string; privateKey: KeyObject; verifierKey: string }

/** A verifier key, read: `id` is 8 hex digits. */
export type VerifierKey = { name: string; id: string; publicKey: KeyObject }

/** TLOG#signature-types. Ed25519 over the text of the note. */
const ED25519 = 0x01
const KEY_BYTES = 32
const PRIVATE_PREFIX = 'PRIVATE+KEY+'

/**
 * A new Ed25519 log key. `name` is the address of the log without scheme and without a slash at its end, such as `registry.example/log`.
 * @throws LogError `malformed_key` when the name has a space or a plus sign
 */
export function generateLogKey(name: string): LogKey {
  return logKey(name, generateKeyPairSync('ed25519').privateKey)
}

/** The private key as one line of text, for a sealed or private file: `PRIVATE+KEY+<name>+<id>+<base64>`. */
export function exportLogKey(key: LogKey): string {
  const seed = Buffer.from(key.privateKey.export({ format: 'jwk' }).d as string, 'base64url')
  const { id } = readVerifierKey(key.verifierKey)
  return `${PRIVATE_PREFIX}${key.name}+${id}+${Buffer.concat([Buffer.of(ED25519), seed]).toString('base64')}`
}

/** The key that `exportLogKey` wrote. @throws LogError `malformed_key` */
export function importLogKey(text: string): LogKey {
  if (!text.startsWith(PRIVATE_PREFIX)) throw malformedKey()
  const { name, id, material } = readKeyText(text.slice(PRIVATE_PREFIX.length))
  const key = logKey(name, privateKeyFromSeed(material))
  if (readVerifierKey(key.verifierKey).id !== id) throw malformedKey()
  return key
}

/** RFC 8410: an Ed25519 private key in PKCS #8 is this constant followed by the seed. */
function privateKeyFromSeed(seed: Buffer): KeyObject {
  const header = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([header, seed]), format: 'der', type: 'pkcs8' })
}

function logKey(name: string, privateKey: KeyObject): LogKey {
  if (!isKeyName(name)) throw malformedKey()
  const material = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x as string, 'base64url')
  const verifierKey = `${name}+${keyId(name, material)}+${Buffer.concat([Buffer.of(ED25519), material]).toString('base64')}`
  return { name, privateKey, verifierKey }
}

/** TLOG#verifier-keys. Reads `<name>+<id>+<base64>`; the id must be the one of this name and key. @throws LogError `malformed_key` */
export function readVerifierKey(text: string): VerifierKey {
  const { name, id, material } = readKeyText(text)
  if (id !== keyId(name, material)) throw malformedKey()
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: material.toString('base64url') }
  return { name, id, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) }
}

function readKeyText(text: string): { name: string; id: string; material: Buffer } {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text)
  const [, name = '', id = '', encoded = ''] = match ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (!isKeyName(name) || bytes.toString('base64') !== encoded) throw malformedKey()
  if (bytes[0] !== ED25519 || bytes.length !== 1 + KEY_BYTES) throw malformedKey()
  return { name, id, material: bytes.subarray(1) }
}

/** TLOG#format. A key name has no Unicode space and no plus; control characters cannot be in a note at all. */
export function isKeyName(name: string): boolean {
  return /^[^\s+\p{Z}\p{Cc}]+$/u.test(name)
}

/** TLOG#signatures. The first four bytes of SHA-256(name, newline, type, public key). */
function keyId(name: string, material: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), material]), 'hex').slice(0, 8)
}

const malformedKey = () => new LogError('malformed_key', 'this is not an Ed25519 log key')
