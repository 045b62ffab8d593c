import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { generateSigningKey } from '@samen/jwt-profile'
import t, { type Test } from 'tap'
import { forgeList, keyFor, lstOf, NOW, SCHOOL, SECONDS, schoolKey, URI } from '../test/forge-list.ts'
import { compressStatusList } from './compress-status-list.ts'
import { readStatusListToken } from './read-status-list-token.ts'
import { signStatusListToken } from './sign-status-list-token.ts'
import { newBits, setStatus, statusAt } from './status-bits.ts'
import { StatusListError, type StatusListErrorCode } from './status-list-error.ts'

const read = (token: string, now = NOW) => readStatusListToken(token, { uri: URI, keyFor, now })
const refused = (t: Test, code: StatusListErrorCode, token: string, what?: string) =>
  t.throws(() => read(token), new StatusListError(code), what ?? code)
const listClaim = (bits: unknown, lst: unknown) => ({ claims: { status_list: { bits, lst } } })

t.test('what the school signs is what the verifier reads', async (t) => {
  const bits = newBits(100, 2)
  setStatus(bits, 42, 2)
  const token = signStatusListToken({
    key: schoolKey,
    uri: URI,
    bits: bits.bits,
    issuedAt: new Date(NOW.getTime() + 999),
    expiresAt: new Date(NOW.getTime() + 10_999),
    ttlSeconds: 5,
    compressed: compressStatusList(bits),
  })
  const list = read(token)
  t.equal(statusAt(list, 42), 2)
  t.equal(statusAt(list, 41), 0)
  t.same([list.owner, list.bits, list.size, list.ttlSeconds], [SCHOOL, 2, 100, 5])
  t.same([list.issuedAt, list.expiresAt], [NOW, new Date(NOW.getTime() + 10_000)])
  const header = JSON.parse(Buffer.from(token.split('.')[0] as string, 'base64url').toString())
  t.same(header, { typ: 'statuslist+jwt', alg: 'ES256', kid: schoolKey.kid, x5c: ['leaf'] })
})

t.test('a list that nobody could check, or that is dead at once, is not signed', async (t) => {
  const order = {
    key: schoolKey,
    uri: URI,
    bits: 1,
    issuedAt: NOW,
    ttlSeconds: 5,
    compressed: Buffer.alloc(9),
  } as const
  const expiresAt = new Date(NOW.getTime() + 1000)
  const { x5c, ...uncertified } = schoolKey
  t.throws(() => signStatusListToken({ ...order, expiresAt: NOW }), new StatusListError('malformed_claim'))
  t.throws(() => signStatusListToken({ ...order, expiresAt, ttlSeconds: 0 }), new StatusListError('malformed_claim'))
  t.throws(
    () => signStatusListToken({ ...order, expiresAt, key: uncertified }),
    new StatusListError('missing_certificate'),
  )
})

t.test('wrong type, key, signature, subject and time, one list each', async (t) => {
  t.ok(read(forgeList()))
  refused(t, 'wrong_type', forgeList({ header: { typ: 'JWT' } }))
  refused(t, 'unsupported_algorithm', forgeList({ header: { alg: 'none' } }))
  refused(t, 'invalid_signature', forgeList({ key: generateSigningKey() }))
  refused(t, 'wrong_uri', forgeList({ claims: { sub: URI.replace('/1', '/2') } }))
  refused(t, 'wrong_uri', forgeList({ claims: { sub: undefined } }))
  t.ok(read(forgeList({ claims: { iat: SECONDS + 30 } })))
  refused(t, 'not_yet_valid', forgeList({ claims: { iat: SECONDS + 31 } }), 'issued in the future')
  refused(t, 'missing_claim', forgeList({ claims: { iat: undefined } }))
  refused(t, 'malformed_claim', forgeList({ claims: { iat: '1' } }))
  t.ok(read(forgeList({ claims: { exp: SECONDS + 1 } })))
  refused(t, 'expired', forgeList({ claims: { exp: SECONDS } }), 'nothing is forgiven past the end')
  refused(t, 'missing_claim', forgeList({ claims: { exp: undefined } }))
  refused(t, 'missing_claim', forgeList({ claims: { status_list: undefined } }))
  refused(t, 'malformed_claim', forgeList({ claims: { ttl: '5' } }))
})

t.test('a key that may not speak for this issuer is refused by whoever knows that', async (t) => {
  const seen: unknown[] = []
  const policy = {
    uri: URI,
    now: NOW,
    keyFor: (header: unknown) => {
      seen.push(header)
      throw new Error('another school')
    },
  }
  t.throws(
    () => readStatusListToken(forgeList({ header: { x5c: ['leaf'] } }), policy),
    new StatusListError('untrusted_key'),
  )
  t.same(seen, [{ alg: 'ES256', typ: 'statuslist+jwt', x5c: ['leaf'] }])
})

t.test('a list is one zlib stream of 1, 2, 4 or 8 bits and nothing else', async (t) => {
  const bytes = Buffer.of(0xb9, 0xa3)
  for (const bits of [1, 2, 4, 8]) t.equal(read(forgeList(listClaim(bits, lstOf(bytes)))).size, 16 / bits)
  for (const bits of [0, 3, 16, '1', undefined]) {
    refused(t, 'unsupported_bits', forgeList(listClaim(bits, lstOf(bytes))), `bits ${bits}`)
  }
  const wrong = {
    gzip: gzipSync(bytes),
    'raw deflate': deflateRawSync(bytes),
    'a byte after the end': Buffer.concat([deflateSync(bytes), Buffer.of(0)]),
    'a second stream after the end': Buffer.concat([deflateSync(bytes), deflateSync(bytes)]),
    'cut off': deflateSync(bytes).subarray(0, -3),
    'a wrong checksum': Buffer.concat([deflateSync(bytes).subarray(0, -1), Buffer.of(0)]),
    'no compression at all': bytes,
    'no statuses': deflateSync(Buffer.alloc(0)),
    nothing: Buffer.alloc(0),
  }
  for (const [what, lst] of Object.entries(wrong)) {
    refused(t, 'malformed_list', forgeList(listClaim(1, lst.toString('base64url'))), what)
  }
  refused(t, 'malformed_list', forgeList(listClaim(1, `${lstOf(bytes)}==`)), 'padding')
  refused(t, 'malformed_claim', forgeList(listClaim(1, ['x'])))
})

t.test('large lists are read, a bomb is refused before it goes off', async (t) => {
  const million = read(forgeList(listClaim(1, lstOf(Buffer.alloc(2 ** 17)))))
  t.equal(million.size, 2 ** 20, 'compressed by far more than 100:1')
  t.equal(read(forgeList(listClaim(8, lstOf(Buffer.alloc(16 * 2 ** 20))))).size, 2 ** 24, 'up to 16 MiB')
  refused(t, 'list_too_large', forgeList(listClaim(8, lstOf(Buffer.alloc(16 * 2 ** 20 + 1)))))
  refused(t, 'list_too_large', forgeList(listClaim(1, lstOf(Buffer.alloc(128 * 2 ** 20)))), '128 MiB in 130 kB')
  refused(t, 'too_large', 'a'.repeat(4_194_305))
})

t.test('only the JWT form is read', async (t) => {
  const cwt = Buffer.from('d2845820a2012610781a6170706c69636174696f6e2f7374617475736c6973742b637774', 'hex')
  refused(t, 'malformed', cwt.toString('latin1'))
  refused(t, 'malformed', cwt.toString('hex'))
  refused(t, 'malformed', '<html>')
})
