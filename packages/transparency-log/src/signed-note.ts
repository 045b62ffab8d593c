import { sign, verify } from 'node:crypto'
import { LogError } from './log-error.ts'
import { isKeyName, type LogKey, readVerifierKey } from './log-key.ts'

const MAX_NOTE_BYTES = 65_536
const MAX_SIGNATURES = 64

/**
 * TLOG#format. Signs a text, which must end in a newline, and returns the note.
 * @throws LogError `malformed_note` when the text cannot be the text of a note
 */
export function signNote(key: LogKey, text: string): string {
  if (!text.endsWith('\n') || hasControlCharacters(text)) throw malformedNote()
  const id = Buffer.from(readVerifierKey(key.verifierKey).id, 'hex')
  const signature = sign(null, Buffer.from(text), key.privateKey)
  return `${text}\n— ${key.name} ${Buffer.concat([id, signature]).toString('base64')}\n`
}

/**
 * TLOG#signatures. The text of a note that the one known key has signed. Signatures by other keys (witnesses, a key being
 * rolled over) are ignored; a signature in the known key's name that fails refuses the whole note.
 * @throws LogError `malformed_note`, `unknown_signer` (the known key has not signed), `bad_signature`, `malformed_key`
 */
export function openNote(note: string, verifierKey: string): string {
  const known = readVerifierKey(verifierKey)
  const { text, signatures } = readNote(note)
  const own = signatures.filter((signature) => signature.name === known.name && signature.id === known.id)
  if (own.length === 0) throw new LogError('unknown_signer', 'the expected key has not signed this note')
  const signed = Buffer.from(text)
  if (!own.every(({ bytes }) => verify(null, signed, known.publicKey, bytes))) {
    throw new LogError('bad_signature', 'the signature on this note does not fit its text')
  }
  return text
}

type NoteSignature = { name: string; id: string; bytes: Buffer }

/** The text may hold empty lines itself: the last empty line parts it from the signatures. */
function readNote(note: string): { text: string; signatures: NoteSignature[] } {
  const split = note.lastIndexOf('\n\n')
  if (note.length > MAX_NOTE_BYTES || !note.endsWith('\n') || split < 0 || hasControlCharacters(note))
    throw malformedNote()
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw malformedNote()
  return { text: note.slice(0, split + 1), signatures: lines.map(readSignatureLine) }
}

function readSignatureLine(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (!isKeyName(name) || bytes.length < 5 || bytes.toString('base64') !== encoded) throw malformedNote()
  return { name, id: bytes.toString('hex', 0, 4), bytes: bytes.subarray(4) }
}

/** Unpaired surrogates cannot be UTF-8; control characters other than the newline have no place in a note. */
function hasControlCharacters(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !text.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(text)
}

const malformedNote = () => new LogError('malformed_note', 'this is not a signed note')
