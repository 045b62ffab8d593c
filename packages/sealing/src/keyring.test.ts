import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createPrivateFile, readPrivateFile } from './private-file.ts'
import { type Keyring, openKeyring } from './sealing.ts'

const directory = mkdtempSync(join(tmpdir(), 'samen-sealing-'))
t.teardown(() => rmSync(directory, { recursive: true }))
let files = 0

function freshFile(): string {
  files += 1
  return join(directory, `keyring-${files}`)
}

const keyring = openKeyring(freshFile(), { create: true })
const stranger = openKeyring(freshFile(), { create: true })

t.test('what is sealed opens with the same keyring under the same context, and only so', async (t) => {
  const sealed = keyring.seal('groep 8', 'issuer/pupil/1')
  t.equal(keyring.open(sealed, 'issuer/pupil/1').toString(), 'groep 8')
  t.throws(() => keyring.open(sealed, 'issuer/pupil/2'), { code: 'unsealable' }, 'the row of another pupil')
  t.throws(() => keyring.open(sealed, ''), { code: 'unsealable' }, 'no context')
  t.throws(() => stranger.open(sealed, 'issuer/pupil/1'), { code: 'unsealable' }, 'the keyring of another')
  t.same(keyring.open(keyring.seal(Buffer.from([0, 255]), 'a'), 'a'), Buffer.from([0, 255]), 'bytes')
  t.equal(keyring.open(keyring.seal('', 'a'), 'a').length, 0, 'nothing')
})

t.test('a changed value does not open, wherever it was changed', async (t) => {
  const sealed = keyring.seal('groep 8', 'a')
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] as number) ^ 1
    t.throws(() => keyring.open(changed, 'a'), { code: 'unsealable' }, `byte ${at}`)
  }
  for (let length = 0; length < sealed.length; length += 1) {
    t.throws(() => keyring.open(sealed.subarray(0, length), 'a'), { code: 'unsealable' }, `cut to ${length}`)
  }
})

t.test('the sealed form shows nothing, and the same text never looks the same', async (t) => {
  const text = 'Anna de Vries'
  const one = keyring.seal(text, 'a')
  t.notOk(one.includes(text))
  t.notSame(one, keyring.seal(text, 'a'))
  t.equal(one.length, 1 + 12 + text.length + 16)
})

t.test('each pupil has a data key of its own; without its wrapped form nothing opens any more', async (t) => {
  const { wrapped, dataKey } = keyring.newDataKey('issuer/pupil/1')
  const sealed = dataKey.seal('roster row', 'issuer/roster')
  t.equal(keyring.unwrap(wrapped, 'issuer/pupil/1').open(sealed, 'issuer/roster').toString(), 'roster row')
  t.throws(() => keyring.unwrap(wrapped, 'issuer/pupil/2'), { code: 'unsealable' }, 'the key of another pupil')
  t.throws(() => stranger.unwrap(wrapped, 'issuer/pupil/1'), { code: 'unsealable' }, 'the keyring of another')
  t.throws(() => dataKey.open(sealed, 'issuer/other'), { code: 'unsealable' }, 'another context')
  t.throws(() => keyring.newDataKey('b').dataKey.open(sealed, 'issuer/roster'), { code: 'unsealable' }, 'another key')
  t.throws(() => keyring.open(sealed, 'issuer/roster'), { code: 'unsealable' }, 'the keyring itself')
})

t.test('a wrapped key is no sealed value: nobody reads a key through the other door', async (t) => {
  const { wrapped } = keyring.newDataKey('a')
  t.throws(() => keyring.open(wrapped, 'a'), { code: 'unsealable' })
  t.throws(() => keyring.unwrap(keyring.seal(Buffer.alloc(32), 'a'), 'a'), { code: 'unsealable' })
})

t.test('a fingerprint depends on the key, the purpose and where each part begins', async (t) => {
  const mac = keyring.mac('tx-code', 'offer', '123456')
  t.equal(mac.length, 32)
  t.same(keyring.mac('tx-code', 'offer', '123456'), mac)
  const others: Buffer[] = [
    stranger.mac('tx-code', 'offer', '123456'),
    keyring.mac('child', 'offer', '123456'),
    keyring.mac('tx-code', 'offer1', '23456'),
    keyring.mac('tx-code', 'offer', '123456', ''),
    keyring.mac('tx-code', 'offer123456'),
    keyring.mac('tx-codeoffer', '123456'),
  ]
  for (const other of others) t.notSame(other, mac)
})

t.test('the key survives a restart, and nobody else can read its file', async (t) => {
  const file = freshFile()
  const sealed = openKeyring(file, { create: true }).seal('text', 'a')
  t.equal(openKeyring(file, { create: false }).open(sealed, 'a').toString(), 'text')
  t.equal(openKeyring(file, { create: true }).open(sealed, 'a').toString(), 'text', 'an existing key is never replaced')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(readFileSync(file).length, 32)
})

t.test('the first start makes the folder, and leaves no draft behind', async (t) => {
  const folder = join(directory, 'new', 'deeper')
  openKeyring(join(folder, 'keyring'), { create: true })
  t.same(readdirSync(folder), ['keyring'])
  t.equal(statSync(folder).mode & 0o777, 0o700)
})

t.test('what an earlier version sealed opens with this one', async (t) => {
  const file = freshFile()
  writeFileSync(file, Buffer.alloc(32, 7), { mode: 0o600 })
  const old = openKeyring(file, { create: false })
  t.equal(
    old.open(Buffer.from('ATO9bhb56jDFY/sn5abpw/EWAE1JzT73cH/Y2FD9j3wdfqMa', 'base64'), 'a').toString(),
    'groep 8',
  )
  t.equal(
    old
      .unwrap(
        Buffer.from('AZqHunJ/stypdTz+PvefDbf5sIJGjqyKl+4RQbSJmcO+DFva9UC3fzMF1vbRbRFFWfznbDZ0t931k768Kg==', 'base64'),
        'b',
      )
      .open(Buffer.from('AShiY+oJH6NVH8oIwmZHlBfciD1k7XK7OFELSv6QAmM=', 'base64'), 'c')
      .toString(),
    'rij',
  )
  t.equal(old.mac('tx-code', 'offer', '123456').toString('base64'), 'T34NdGKTPn4DP882uGGJ7pEAcIojfpJvQ/1kJ8J+4OM=')
})

t.test('a missing key is not replaced behind the back of the operator', async (t) => {
  const file = freshFile()
  t.throws(() => openKeyring(file, { create: false }), {
    name: 'SealingError',
    code: 'no_keyring',
    message: /does not exist/,
  })
  t.notOk(existsSync(file))
})

t.test('a key that is cut, too long or open to others is not used', async (t) => {
  for (const size of [0, 31, 33]) {
    const file = freshFile()
    writeFileSync(file, Buffer.alloc(size), { mode: 0o600 })
    t.throws(() => openKeyring(file, { create: true }), { code: 'unusable_keyring' }, `${size} bytes`)
  }
  for (const mode of [0o640, 0o604, 0o660]) {
    const file = freshFile()
    writeFileSync(file, Buffer.alloc(32, 1))
    chmodSync(file, mode)
    t.throws(() => openKeyring(file, { create: false }), { code: 'unusable_keyring' }, mode.toString(8))
  }
})

t.test('of two that make the same file the first wins', async (t) => {
  const file = freshFile()
  createPrivateFile(file, 'first')
  createPrivateFile(file, 'second')
  t.equal(readPrivateFile(file)?.toString(), 'first')
  t.throws(() => createPrivateFile(join(directory, 'n'.repeat(250)), 'name too long'), { code: 'ENAMETOOLONG' })
})

t.test('other trouble with the file is told as it is', async (t) => {
  t.throws(() => openKeyring(directory, { create: false }))
  const file = freshFile()
  writeFileSync(file, '')
  t.throws(() => openKeyring(join(file, 'keyring'), { create: true }), { code: 'ENOTDIR' })
})

t.test('keys are kept where printing does not show them', async (t) => {
  const printed = JSON.stringify(keyring) + String(Object.values(keyring satisfies Keyring))
  t.notMatch(printed, /[0-9a-f]{32}/)
})
