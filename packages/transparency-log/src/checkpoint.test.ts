import { readFileSync } from 'node:fs'
import t from 'tap'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { exportLogKey, generateLogKey, importLogKey, readVerifierKey } from './log-key.ts'
import { EMPTY_ROOT, leafHash } from './merkle-tree.ts'
import { openNote, signNote } from './signed-note.ts'

const file = new URL('../../../tests/vectors/TLOG/note.json', import.meta.url)
const known = JSON.parse(readFileSync(file, 'utf8')) as Record<
  'verifier_key' | 'signer_key' | 'text' | 'signature_line',
  string
>
const key = generateLogKey('registry.example/log')
const root = leafHash(Buffer.from('x'))
const line = (note: string) => note.slice(note.lastIndexOf('\n\n') + 2)

t.test('the known note is opened, and signed again it is the same', async (t) => {
  const note = `${known.text}\n${known.signature_line}`
  t.equal(openNote(note, known.verifier_key), known.text)
  const signer = importLogKey(known.signer_key)
  t.equal(signer.verifierKey, known.verifier_key)
  t.equal(signNote(signer, known.text), note)
  t.equal(exportLogKey(signer), known.signer_key)
})

t.test('a key keeps its name and its number', async (t) => {
  const again = importLogKey(exportLogKey(key))
  t.equal(again.verifierKey, key.verifierKey)
  t.match(readVerifierKey(key.verifierKey), { name: 'registry.example/log', id: /^[0-9a-f]{8}$/ })
  const [name, id, material] = key.verifierKey
    .split('+', 2)
    .concat(key.verifierKey.split(/\+[0-9a-f]{8}\+/)[1] as string)
  const wrong = [
    '',
    `${name}+${id}`,
    `other.example+${id}+${material}`,
    `${name}+00000000+${material}`,
    `${name}+${id}+${material?.slice(0, -4)}`,
    `${name}+${id}+${material}x`,
    `${name}+${id}+${Buffer.concat([Buffer.of(4), Buffer.from(material as string, 'base64').subarray(1)]).toString('base64')}`,
    `${name}+${id}+${Buffer.concat([Buffer.of(4), Buffer.alloc(32)]).toString('base64')}`,
  ]
  for (const text of wrong) t.throws(() => readVerifierKey(text), { code: 'malformed_key' }, text)
  t.throws(() => importLogKey(key.verifierKey), { code: 'malformed_key' })
  for (const bad of ['', 'a b', 'a+b', 'a\u00a0b', 'a\nb']) {
    t.throws(() => generateLogKey(bad), { code: 'malformed_key' }, JSON.stringify(bad))
  }
})

t.test('a checkpoint says which log, how many entries and which root, and carries its signature', async (t) => {
  const text = signCheckpoint(key, { size: 20_852_163, root })
  t.match(text, `registry.example/log\n20852163\n${root.toString('base64')}\n\n— registry.example/log `)
  t.same(openCheckpoint(text, key.verifierKey), { origin: 'registry.example/log', size: 20_852_163, root })
  const empty = signCheckpoint(key, { size: 0, root: EMPTY_ROOT })
  t.equal(openCheckpoint(empty, key.verifierKey).size, 0)
})

t.test('signatures of witnesses and of a later key do not get in the way', async (t) => {
  const text = signCheckpoint(key, { size: 3, root })
  const witness = signCheckpoint(generateLogKey('witness.example'), { size: 3, root })
  const sameName = signCheckpoint(generateLogKey('registry.example/log'), { size: 3, root })
  t.equal(openCheckpoint(text + line(witness) + line(sameName), key.verifierKey).size, 3)
  t.throws(() => openCheckpoint(witness, key.verifierKey), { code: 'unknown_signer' })
  t.throws(() => openCheckpoint(sameName, key.verifierKey), { code: 'unknown_signer' }, 'the name alone is not the key')
})

t.test('a changed checkpoint does not open', async (t) => {
  const text = signCheckpoint(key, { size: 3, root })
  t.throws(() => openCheckpoint(text.replace('\n3\n', '\n4\n'), key.verifierKey), { code: 'bad_signature' })
  const other = signCheckpoint(key, { size: 4, root })
  const both = text + line(other)
  t.throws(
    () => openCheckpoint(both, key.verifierKey),
    { code: 'bad_signature' },
    'one good signature beside a bad one',
  )
})

t.test('a signed text that is no checkpoint of this log is refused', async (t) => {
  const b64 = root.toString('base64')
  const wrong = {
    'two lines': `registry.example/log\n3\n`,
    'a size with a zero before': `registry.example/log\n03\n${b64}\n`,
    'a negative size': `registry.example/log\n-3\n${b64}\n`,
    'a size beyond counting': `registry.example/log\n9007199254740993\n${b64}\n`,
    'a root that is too short': `registry.example/log\n3\n${b64.slice(4)}\n`,
    'a root in another spelling': `registry.example/log\n3\n${root.toString('base64url')}\n`,
    'an empty line': `registry.example/log\n3\n${b64}\n\n`,
  }
  for (const [what, text] of Object.entries(wrong)) {
    t.throws(() => openCheckpoint(signNote(key, text), key.verifierKey), { code: 'malformed_checkpoint' }, what)
  }
  const foreign = signNote(key, `other.example/log\n3\n${b64}\n`)
  t.throws(() => openCheckpoint(foreign, key.verifierKey), { code: 'foreign_log' })
  t.equal(openCheckpoint(signNote(key, `registry.example/log\n3\n${b64}\nmore\n`), key.verifierKey).size, 3)
})

t.test('what is not a signed note is refused', async (t) => {
  const text = signCheckpoint(key, { size: 3, root })
  const wrong = {
    nothing: '',
    'no signature': text.slice(0, text.indexOf('\n\n') + 1),
    'no last newline': text.slice(0, -1),
    'a tab': text.replace('\n3\n', '\n3\t\n'),
    'windows lines': text.replaceAll('\n', '\r\n'),
    'a hyphen for the dash': text.replace('— ', '- '),
    'no name': text.replace('— registry.example/log', '— '),
    'not base64': text.replace(/ [^ ]+\n$/, ' %%%%\n'),
    'a signature too short': text.replace(/ [^ ]+\n$/, ' AAAA\n'),
    'a lone surrogate': `\ud800${text}`,
    'too many signatures': text + line(text).repeat(64),
    'too long': `${'x'.repeat(70_000)}\n${text}`,
  }
  for (const [what, note] of Object.entries(wrong)) {
    t.throws(() => openNote(note, key.verifierKey), { code: 'malformed_note' }, what)
  }
  t.throws(() => signNote(key, 'no newline'), { code: 'malformed_note' })
  t.throws(() => signNote(key, 'bell\u0007\n'), { code: 'malformed_note' })
})
