import { sign } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { generateSigningKey, importPublicJwk, type SigningKey } from '@samen/jwt-profile'

export const NOW = new Date('2026-11-02T09:00:00Z')
export const SECONDS = NOW.getTime() / 1000
export const SCHOOL = 'https://issuer.example/schools/de-eik'
export const URI = `${SCHOOL}/status-lists/1`
export const schoolKey = { ...generateSigningKey(), x5c: ['leaf'] }
export const keyFor = () => ({ key: importPublicJwk(schoolKey.publicJwk), owner: SCHOOL })

export const lstOf = (bytes: Uint8Array): string => deflateSync(bytes).toString('base64url')

type Forgery = { header?: Record<string, unknown>; claims?: Record<string, unknown>; key?: SigningKey }

/** A list with a good signature and these claims on top of the usual ones; undefined takes one away. */
export function forgeList({ header, claims, key = schoolKey }: Forgery = {}): string {
  const usual = {
    sub: URI,
    iat: SECONDS,
    exp: SECONDS + 3600,
    ttl: 60,
    status_list: { bits: 1, lst: lstOf(Buffer.of(0xb9, 0xa3)) },
  }
  const parts = [
    { alg: 'ES256', typ: 'statuslist+jwt', ...header },
    { ...usual, ...claims },
  ]
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}
