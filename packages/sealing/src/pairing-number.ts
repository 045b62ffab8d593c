import { timingSafeEqual } from 'node:crypto'
import type { Keyring } from './keyring.ts'

const DIGITS = 6

/**
 * Six digits for one thing that a person carries from one device to another, made from its name under the key and stored nowhere. In: the
 * keyring and the name, for example the id of a presentation. Whoever takes them as an answer counts the tries before comparing.
 */
export function pairingNumber(keyring: Pick<Keyring, 'mac'>, name: string): string {
  const bits = keyring.mac('pairing', name).readUIntBE(0, 6)
  return String(bits % 10 ** DIGITS).padStart(DIGITS, '0')
}

/** Whether a person typed that number; spaces do not count. */
export function isPairingNumber(keyring: Pick<Keyring, 'mac'>, name: string, typed: string): boolean {
  const digits = Buffer.from(typed.replaceAll(/\s/g, ''))
  const expected = Buffer.from(pairingNumber(keyring, name))
  return digits.length === expected.length && timingSafeEqual(digits, expected)
}
