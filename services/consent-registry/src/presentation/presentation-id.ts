import type { DecisionWord } from '@samen/consent'
import { type Keyring, SealingError } from '@samen/sealing'

/** What a wallet is asked for: one word about one request, or which child its holder may look back on. */
export type Question =
  | { readonly kind: 'decision'; readonly handle: string; readonly word: DecisionWord }
  | { readonly kind: 'record' }

/** A question, when it was put, and under which of our certificates (see `certificateMark`). */
export type PutQuestion = { readonly question: Question; readonly createdAt: Date; readonly certificate: Buffer }

const KINDS = ['record', 'yes', 'no', 'withdraw'] as const
const CONTEXT = 'registry/presentation'
const TIME_BYTES = 6
const MARK_BYTES = 8
const HEAD_BYTES = 1 + TIME_BYTES + MARK_BYTES

/**
 * The id in the links of a presentation: the question itself, sealed, so that nothing has to be kept of it. It shows nothing, cannot be
 * made or changed by others, and is another one each time. Short, because it stands in a QR code.
 */
export function writePresentationId(keyring: Pick<Keyring, 'seal'>, put: PutQuestion): string {
  const { question, createdAt, certificate } = put
  const head = Buffer.alloc(1 + TIME_BYTES)
  head.writeUInt8(KINDS.indexOf(question.kind === 'record' ? 'record' : question.word))
  head.writeUIntBE(createdAt.getTime(), 1, TIME_BYTES)
  const handle = question.kind === 'record' ? Buffer.alloc(0) : Buffer.from(question.handle, 'base64url')
  return keyring.seal(Buffer.concat([head, certificate, handle]), CONTEXT).toString('base64url')
}

/** Opens such an id; undefined for every other text. */
export function readPresentationId(keyring: Pick<Keyring, 'open'>, id: string): PutQuestion | undefined {
  const bytes = openId(keyring, id)
  if (bytes === undefined) return undefined
  const kind = KINDS[bytes.readUInt8()]
  if (kind === undefined) return undefined
  const handle = bytes.subarray(HEAD_BYTES).toString('base64url')
  return {
    question: kind === 'record' ? { kind } : { kind: 'decision', handle, word: kind },
    createdAt: new Date(bytes.readUIntBE(1, TIME_BYTES)),
    certificate: bytes.subarray(1 + TIME_BYTES, HEAD_BYTES),
  }
}

function openId(keyring: Pick<Keyring, 'open'>, id: string): Buffer | undefined {
  const sealed = Buffer.from(id, 'base64url')
  // One id has one spelling: another one would be another presentation, and its one answer a second one.
  if (sealed.toString('base64url') !== id) return undefined
  try {
    return keyring.open(sealed, CONTEXT)
  } catch (error) {
    if (error instanceof SealingError) return undefined
    throw error
  }
}
