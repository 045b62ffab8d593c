// X.509 by hand, so that the tests of this wallet share no code with those whom it reads.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export type Minted = {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly pem: string
  readonly x5c: string
}

export type Wish = {
  readonly name: string
  readonly issuer?: { readonly name: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  /** the SAN URI; a certificate without one is an authority */
  readonly uri?: string
  /** says of a leaf that it is an authority too */
  readonly authority?: boolean
  readonly days?: number
}

const DAY_MS = 86_400_000

/** A certificate for a fresh P-256 key: an authority, or a leaf under `issuer` for `uri`. */
export function mintCertificate({ name, issuer, uri, authority = uri === undefined, days = 30 }: Wish): Minted {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const by = issuer ?? { name, privateKey, publicKey }
  const start = Date.now() - 2 * DAY_MS
  const body = sequence(
    tlv(0xa0, integer(2)),
    integer(1 + Math.floor(Math.random() * 1_000_000)),
    ECDSA_WITH_SHA256,
    distinguishedName(by.name),
    sequence(time(start), time(start + (days + 2) * DAY_MS)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions({ uri, authority }, keyId(by.publicKey), keyId(publicKey)))),
  )
  const der = sequence(body, ECDSA_WITH_SHA256, tlv(0x03, Buffer.of(0), sign('sha256', body, by.privateKey)))
  const x5c = der.toString('base64')
  const pem = `-----BEGIN CERTIFICATE-----\n${x5c.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
  return { privateKey, publicKey, pem, x5c }
}

/** What a query for trusted authorities names. */
export const keyIdOf = ({ publicKey }: Minted) => keyId(publicKey).toString('base64url')

function extensions(is: { uri: string | undefined; authority: boolean }, issuer: Buffer, subject: Buffer): Buffer[] {
  const names = is.uri === undefined ? [] : [extension('0603551d11', sequence(tlv(0x86, Buffer.from(is.uri))))]
  return [
    extension('0603551d13', sequence(...(is.authority ? [Buffer.from('0101ff', 'hex')] : [])), true),
    extension('0603551d0f', Buffer.from(is.authority ? '03020106' : '03020780', 'hex'), true),
    ...names,
    extension('0603551d23', sequence(tlv(0x80, issuer))),
    extension('0603551d0e', tlv(0x04, subject)),
  ]
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  return sequence(Buffer.from(oid, 'hex'), ...(critical ? [Buffer.from('0101ff', 'hex')] : []), tlv(0x04, value))
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }).subarray(-65))
    .digest()
}

function distinguishedName(name: string): Buffer {
  return sequence(tlv(0x31, sequence(Buffer.from('0603550403', 'hex'), tlv(0x0c, Buffer.from(name)))))
}

function time(at: number): Buffer {
  return tlv(0x18, Buffer.from(`${new Date(at).toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`))
}

function integer(value: number): Buffer {
  return tlv(
    0x02,
    Buffer.from(
      value
        .toString(16)
        .padStart(8, '0')
        .replace(/^(00)+(?=[0-7])/, ''),
      'hex',
    ),
  )
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts)
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const long = content.length > 127
  const length = long ? Buffer.of(0x82, content.length >> 8, content.length & 0xff) : Buffer.of(content.length)
  return Buffer.concat([Buffer.of(tag), length, content])
}

const ECDSA_WITH_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))
