import { createSecretKey } from 'node:crypto'
import { openEnvelope, sealEnvelope } from './envelope.ts'

/** The key of one person's data. Without its wrapped form everything sealed with it is unreadable; a backup that holds both still opens. */
export type DataKey = {
  /** Seals bytes or text under a context (which table, which row); the same context opens them. */
  seal(plaintext: Buffer | string, context: string): Buffer
  /** Opens what `seal` made. Throws `SealingError` `unsealable`. */
  open(sealed: Buffer, context: string): Buffer
}

/** In: 32 key bytes; the caller's buffer is wiped. Out: the data key. */
export function makeDataKey(bytes: Buffer): DataKey {
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return {
    seal: (plaintext, context) => sealEnvelope(key, plaintext, context),
    open: (sealed, context) => openEnvelope(key, sealed, context),
  }
}
