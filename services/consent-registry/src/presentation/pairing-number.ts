import { timingSafeEqual } from 'node:crypto'
import type { Deps } from '../deps.ts'

const DIGITS = 6

/** Six digits for one presentation, made from its key and not stored: they lead from the device with the wallet to the browser that began. */
export function pairingNumber({ keyring }: Pick<Deps, 'keyring'>, idHash: Buffer): string {
  const bits = keyring.mac('pairing', idHash.toString('hex')).readUIntBE(0, 6)
  return String(bits % 10 ** DIGITS).padStart(DIGITS, '0')
}

/** Whether a person typed that number; spaces do not count. */
export function isPairingNumber(deps: Pick<Deps, 'keyring'>, idHash: Buffer, typed: string): boolean {
  const digits = Buffer.from(typed.replaceAll(/\s/g, ''))
  const expected = Buffer.from(pairingNumber(deps, idHash))
  return digits.length === expected.length && timingSafeEqual(digits, expected)
}

/** As a person reads it aloud: 123 456. */
export function readableNumber(number: string): string {
  return `${number.slice(0, 3)} ${number.slice(3)}`
}
