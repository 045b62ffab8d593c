import { hash } from 'node:crypto'
import { canonicalJson, type JsonObject } from '@samen/strict-json'
import { LogError } from './log-error.ts'

/** Bytes of the random salt of one log entry. */
export const SALT_BYTES = 16

/**
 * The log entry for an event: SHA-256(salt ‖ JCS(event)), 32 bytes. It shows nothing of the event to who has no salt, and once the
 * salt is erased it shows nothing to anyone, while every proof stays valid. The salt has one fixed length, so that no byte of it
 * can be moved into the event.
 * @throws LogError `malformed_leaf` when the salt is not 16 bytes
 */
export function leafCommitment(salt: Uint8Array, event: JsonObject): Buffer {
  if (salt.length !== SALT_BYTES) throw new LogError('malformed_leaf', 'the salt of a log entry is 16 bytes')
  return hash('sha256', Buffer.concat([salt, Buffer.from(canonicalJson(event))]), 'buffer')
}
