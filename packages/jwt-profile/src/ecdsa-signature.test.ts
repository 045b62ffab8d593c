import { sign, verify } from 'node:crypto'
import t from 'tap'
import rfc from '../../../tests/vectors/RFC7515/a3-es256.json' with { type: 'json' }
import { concatenatedToDer, derToConcatenated } from './ecdsa-signature.ts'
import { generateSigningKey, importPublicJwk, importSigningKey, type PrivateJwk } from './jwt-profile.ts'

t.test('the signature of RFC 7515 A.3 verifies, and only over its own text', async (t) => {
  const { kty, crv, x, y } = rfc.jwk
  const key = importPublicJwk({ kty, crv, x, y })
  const [header, payload, signature] = rfc.jws.split('.') as [string, string, string]
  const der = concatenatedToDer(Buffer.from(signature, 'base64url'))
  t.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, der))
  t.notOk(verify('sha256', Buffer.from(`${header}.${payload}A`), key, der))
  t.same(derToConcatenated(der), Buffer.from(signature, 'base64url'))
})

t.test('both forms say the same, for many signatures of the RFC key', async (t) => {
  const { privateKey, publicJwk } = importSigningKey(rfc.jwk as PrivateJwk)
  const key = importPublicJwk(publicJwk)
  for (let i = 0; i < 400; i += 1) {
    const text = Buffer.from(`text ${i}`)
    const der = sign('sha256', text, privateKey)
    const flat = derToConcatenated(der)
    if (!verify('sha256', text, { key, dsaEncoding: 'ieee-p1363' }, flat)) t.fail('the flat form does not verify')
    if (!concatenatedToDer(flat).equals(der)) t.fail('the way back is another')
  }
  t.pass()
})

t.test('numbers that are short or begin with a set bit keep their value', async (t) => {
  for (const first of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
    for (const zeros of [0, 1, 30, 31]) {
      const scalar = Buffer.alloc(32, 0x11)
      scalar.fill(0, 0, zeros)
      scalar[zeros] = first
      const flat = Buffer.concat([scalar, Buffer.alloc(32, 0x80)])
      t.same(derToConcatenated(concatenatedToDer(flat)), flat)
    }
  }
})

t.test('a signature of zeros verifies nothing', async (t) => {
  const key = importPublicJwk(generateSigningKey().publicJwk)
  t.notOk(verify('sha256', Buffer.from('text'), key, concatenatedToDer(Buffer.alloc(64))))
})
