import { hash } from 'node:crypto'

/** SHA-256. In: bytes, or a string taken as UTF-8. Out: 32 bytes. */
export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer')
}

/** SHA-256. In: bytes, or a string taken as UTF-8. Out: 43 characters of base64url. */
export function sha256Base64url(data: string | Uint8Array): string {
  return hash('sha256', data, 'base64url')
}
