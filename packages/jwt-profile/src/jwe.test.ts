import { createCipheriv, createECDH } from 'node:crypto'
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose'
import t, { type Test } from 'tap'
import rfc from '../../../tests/vectors/RFC7518/c-ecdh-es.json' with { type: 'json' }
import example from '../../../tests/vectors/VP/response-encryption.json' with { type: 'json' }
import { deriveContentKey } from './content-key.ts'
import {
  type ContentEncryption,
  type DecryptionPolicy,
  decryptJwe,
  encryptJwe,
  generateEncryptionKey,
  generateSigningKey,
  importPublicJwk,
  type JwtErrorCode,
  type PrivateJwk,
  sha256,
} from './jwt-profile.ts'
import { importPrivateJwk } from './signing-key.ts'

const key = generateEncryptionKey()
const policy: DecryptionPolicy = { kid: key.kid, enc: ['A128GCM', 'A256GCM'], maxBytes: 100_000 }
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const encryptions: ContentEncryption[] = ['A128GCM', 'A256GCM']

function refused(t: Test, jwe: string, code: JwtErrorCode, about: string, changed: Partial<DecryptionPolicy> = {}) {
  t.throws(() => decryptJwe(jwe, key.privateJwk, { ...policy, ...changed }), { name: 'JwtError', code }, about)
}

t.test('the key agreement of RFC 7518 appendix C gives the key the RFC prints, from both sides', async (t) => {
  const { kty, crv, x, y } = rfc.bob
  const alice = importPrivateJwk(rfc.alice as PrivateJwk)
  const bob = importPrivateJwk(rfc.bob as PrivateJwk)
  const parties = { apu: Buffer.from(rfc.apu, 'base64url'), apv: Buffer.from(rfc.apv, 'base64url') }
  const enc = rfc.enc as ContentEncryption
  const sent = deriveContentKey({
    privateKey: alice.privateKey,
    publicKey: importPublicJwk({ kty, crv, x, y }),
    enc,
    ...parties,
  })
  const publicKey = importPublicJwk(alice.publicJwk)
  const received = deriveContentKey({ privateKey: bob.privateKey, publicKey, enc, ...parties })
  t.equal(sent.toString('base64url'), rfc.derivedKey)
  t.same(received, sent)
})

t.test('the encrypted response of the OpenID4VP specification is read', async (t) => {
  const limits = { kid: 'ac', enc: ['A128GCM'], maxBytes: 4096 } as const
  const { plaintext } = decryptJwe(example.jwe, example.privateJwk as PrivateJwk, limits)
  t.same(JSON.parse(plaintext), example.payload)
})

t.test('jose reads what we encrypt, and we read what jose encrypts', async (t) => {
  for (const enc of encryptions) {
    const ours = await encryptJwe('de klas van Zoë 😀', key.publicJwk, { cty: 'JWT', typ: 'a' }, enc)
    const theirKey = await importJWK(key.privateJwk, 'ECDH-ES')
    const { plaintext, protectedHeader } = await compactDecrypt(ours, theirKey)
    t.equal(Buffer.from(plaintext).toString(), 'de klas van Zoë 😀')
    t.match(protectedHeader, { alg: 'ECDH-ES', enc, kid: key.kid, cty: 'JWT', typ: 'a' })
    const theirs = await new CompactEncrypt(Buffer.from('groep 8'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc, kid: key.kid })
      .setKeyManagementParameters({ apu: Buffer.from('Alice'), apv: Buffer.from('Bob') })
      .encrypt(await importJWK(key.publicJwk, 'ECDH-ES'))
    t.equal(decryptJwe(theirs, key.privateJwk, policy).plaintext, 'groep 8')
  }
})

t.test('a message may be empty', async (t) => {
  const jwe = await encryptJwe('', key.publicJwk, {}, 'A256GCM')
  const { header, plaintext } = decryptJwe(jwe, key.privateJwk, policy)
  t.equal(plaintext, '')
  t.match(header, { alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid })
})

t.test('two messages of the same text have nothing in common but their header', async (t) => {
  const [one, two] = await Promise.all([1, 2].map(() => encryptJwe('same', key.publicJwk, {}, 'A128GCM')))
  const parts = (jwe = '') => jwe.split('.').filter((part) => part !== '')
  t.same(
    parts(one).filter((part) => parts(two).includes(part)),
    [],
  )
})

t.test('a changed message does not open, whatever was changed', async (t) => {
  const parts = (await encryptJwe('the text', key.publicJwk, {}, 'A128GCM')).split('.') as string[]
  for (const index of [2, 3, 4]) {
    const bytes = Buffer.from(parts[index] as string, 'base64url')
    bytes[0] = (bytes[0] as number) ^ 1
    const changed = parts.with(index, bytes.toString('base64url')).join('.')
    refused(t, changed, 'undecryptable', `part ${index}`)
  }
  const header = JSON.parse(Buffer.from(parts[0] as string, 'base64url').toString())
  refused(t, parts.with(0, encode({ ...header, cty: 'JWT' })).join('.'), 'undecryptable', 'header')
  refused(t, parts.with(0, encode({ ...header, apu: 'QQ' })).join('.'), 'undecryptable', 'sender')
  refused(t, parts.with(0, encode({ ...header, enc: 'A256GCM' })).join('.'), 'undecryptable', 'cipher')
  const stranger = generateEncryptionKey().privateJwk
  t.throws(() => decryptJwe(parts.join('.'), stranger, policy), { code: 'undecryptable' }, 'a stranger')
})

t.test('a message under other rules than ours is refused before the key is used', async (t) => {
  const parts = (await encryptJwe('the text', key.publicJwk, {}, 'A128GCM')).split('.') as string[]
  const header = JSON.parse(Buffer.from(parts[0] as string, 'base64url').toString())
  const withHeader = (changed: object) => parts.with(0, encode({ ...header, ...changed })).join('.')
  for (const alg of ['dir', 'RSA-OAEP', 'RSA1_5', 'ECDH-ES+A128KW', 'A128KW', 'PBES2-HS256+A128KW', undefined]) {
    refused(t, withHeader({ alg }), 'unsupported_algorithm', `alg ${alg}`)
  }
  for (const enc of ['A128CBC-HS256', 'A192GCM', undefined, 1]) {
    refused(t, withHeader({ enc }), 'unsupported_algorithm', `enc ${enc}`)
  }
  refused(t, withHeader({}), 'unsupported_algorithm', 'not announced', { enc: ['A256GCM'] })
  for (const name of ['zip', 'crit', 'jku', 'x5u', 'jwk', 'x5c']) {
    refused(t, withHeader({ [name]: 'DEF' }), 'forbidden_header', name)
  }
  refused(t, withHeader({ kid: 'another' }), 'unknown_key', 'another key')
  refused(t, withHeader({ kid: undefined }), 'unknown_key', 'no key')
  refused(t, withHeader({ apu: 1 }), 'malformed', 'no text')
  refused(t, withHeader({ apv: 'a+b' }), 'malformed', 'no base64url')
})

t.test('a sender key that is not on the curve never meets our private key', async (t) => {
  const parts = (await encryptJwe('the text', key.publicJwk, {}, 'A128GCM')).split('.') as string[]
  const header = JSON.parse(Buffer.from(parts[0] as string, 'base64url').toString())
  const { epk } = header
  const wrong = [undefined, null, { ...epk, y: epk.x }, { ...epk, crv: 'P-521' }, { ...epk, d: epk.x }, { kty: 'OKP' }]
  for (const one of wrong) {
    refused(t, parts.with(0, encode({ ...header, epk: one })).join('.'), 'invalid_key', JSON.stringify(one) ?? 'none')
  }
})

t.test('what is no compact message is refused', async (t) => {
  const jwe = await encryptJwe('the text', key.publicJwk, {}, 'A128GCM')
  const parts = jwe.split('.') as [string, string, string, string, string]
  for (const wrong of [
    '',
    '....',
    jwe.slice(0, -23),
    `${jwe}.x`,
    `${jwe}=`,
    parts.with(1, 'QQ').join('.'),
    'a.b.c.d.e',
  ]) {
    refused(t, wrong, 'malformed', wrong.slice(0, 12))
  }
  refused(t, parts.with(2, parts[2].slice(0, 8)).join('.'), 'malformed', 'a short nonce')
  refused(t, parts.with(4, parts[4].slice(0, 16)).join('.'), 'malformed', 'a short tag is quickly forged')
  const doubled = Buffer.from('{"alg":"dir","alg":"ECDH-ES"}').toString('base64url')
  refused(t, parts.with(0, doubled).join('.'), 'malformed', 'a doubled member')
  refused(t, jwe, 'too_large', 'longer than agreed', { maxBytes: jwe.length - 1 })
})

t.test('a text that is no UTF-8 is refused', async (t) => {
  const sender = createECDH('prime256v1')
  const point = sender.generateKeys()
  const epk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
  const to = Buffer.concat([
    Buffer.from([4]),
    ...[key.publicJwk.x, key.publicJwk.y].map((c) => Buffer.from(c, 'base64url')),
  ])
  const fixed = Buffer.from(`00000007${Buffer.from('A128GCM').toString('hex')}000000000000000000000080`, 'hex')
  const secret = sha256(Buffer.concat([Buffer.from([0, 0, 0, 1]), sender.computeSecret(to), fixed])).subarray(0, 16)
  const head = encode({ alg: 'ECDH-ES', enc: 'A128GCM', kid: key.kid, epk })
  const byHand = (bytes: Buffer) => {
    const cipher = createCipheriv('aes-128-gcm', secret, Buffer.alloc(12))
    cipher.setAAD(Buffer.from(head))
    const text = Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64url')
    return `${head}..${Buffer.alloc(12).toString('base64url')}.${text}.${cipher.getAuthTag().toString('base64url')}`
  }
  t.equal(decryptJwe(byHand(Buffer.from('goed')), key.privateJwk, policy).plaintext, 'goed')
  refused(t, byHand(Buffer.from([0xff, 0xfe])), 'malformed', 'two odd bytes')
})

t.test('nothing is encrypted to a key that is for something else', async (t) => {
  const to = key.publicJwk
  const signing = generateSigningKey().publicJwk as typeof to
  for (const wrong of [signing, { ...to, alg: 'RSA-OAEP' }, { ...to, use: 'sig' }, { ...to, y: to.x }]) {
    await t.rejects(encryptJwe('text', wrong, {}, 'A128GCM'), { code: 'invalid_key' })
  }
  const { kty, crv, x, y, kid } = to
  t.ok(await encryptJwe('text', { kty, crv, x, y, kid }, {}, 'A128GCM'), 'a key that names no use')
})
