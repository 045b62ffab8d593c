import { X509Certificate as NodeCertificate, webcrypto } from 'node:crypto'
import {
  exportSigningKey,
  generateSigningKey,
  type PrivateJwk,
  type PublicJwk,
  signJwt,
  verifyJwt,
} from '@samen/jwt-profile'
import t, { type Test } from 'tap'
import {
  type CertificateAuthority,
  type CertificateErrorCode,
  createCertificateAuthority,
  issueLeafCertificate,
  verifyX5c,
} from './certificates.ts'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.ts'

const day = 86_400_000
const now = new Date('2026-11-24T12:00:00Z')
const later = (days: number) => new Date(now.getTime() + days * day)
const entityId = 'https://issuer.example/schools/linde'
const school = generateSigningKey()
const ca = await createCertificateAuthority({ name: 'Samen test', now, years: 10 })
const anchors = [new NodeCertificate(ca.certificatePem)]
const leaf = await issueLeafCertificate(ca, {
  subjectName: 'De Linde',
  entityId,
  publicJwk: school.publicJwk,
  now,
  days: 90,
})

function refused(
  t: Test,
  x5c: readonly string[],
  code: CertificateErrorCode,
  about: string,
  policy = { anchors, now },
) {
  t.throws(() => verifyX5c(x5c, policy), { name: 'CertificateError', code }, about)
}

const asDer = (pem: string) => new NodeCertificate(pem).raw.toString('base64')
const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const importPublic = ({ kty, crv, x, y }: PublicJwk) =>
  webcrypto.subtle.importKey('jwk', { kty, crv, x, y }, curve, true, ['verify'])
const importPrivate = (jwk: PrivateJwk) => webcrypto.subtle.importKey('jwk', jwk, curve, false, ['sign'])

type Odd = {
  readonly by?: CertificateAuthority
  readonly extensions?: readonly Extension[]
  readonly hash?: string
  readonly publicKey?: webcrypto.CryptoKey
  readonly issuer?: string
}

const basic = new BasicConstraintsExtension(false, undefined, true)
const usage = new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)
const name = new SubjectAlternativeNameExtension([{ type: 'url', value: entityId }])

/** A certificate of whatever content, signed by an authority: what our own issuing never makes. */
async function oddLeaf({ by = ca, extensions = [basic, usage, name], hash = 'SHA-256', ...odd }: Odd): Promise<string> {
  const authority = new X509Certificate(by.certificatePem)
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: ['De Linde'] }],
    issuer: odd.issuer ?? authority.subjectName,
    notBefore: later(-1),
    notAfter: later(30),
    publicKey: odd.publicKey ?? (await importPublic(school.publicJwk)),
    signingKey: await importPrivate(by.privateJwk),
    signingAlgorithm: { ...curve, hash },
    extensions: [...extensions],
  })
  return certificate.toString('base64')
}

t.test('a certificate of the anchor proves whose key it is, and until when', async (t) => {
  const proven = verifyX5c([leaf], { anchors, now })
  t.equal(proven.entityId, entityId)
  t.equal(proven.expiresAt.toISOString(), later(90).toISOString())
  t.equal(proven.leaf.raw.toString('base64'), leaf)
  const token = signJwt(school, { typ: 'test+jwt' }, {})
  const policy = {
    typ: 'test+jwt',
    key: { keyObject: proven.leafKey },
    maxBytes: 4096,
    now,
    clockSkewSeconds: 0,
  } as const
  const unused = { issuer: 'not-used', audience: 'not-used', maxAgeSeconds: 'not-used', expiry: 'not-used' } as const
  t.ok(verifyJwt(token, { ...policy, ...unused }))
})

t.test('a certificate made without our help but by our rules is taken', async (t) => {
  t.equal(verifyX5c([await oddLeaf({})], { anchors, now }).entityId, entityId)
})

t.test('time is looked at every time, also for a certificate that was proven before', async (t) => {
  t.ok(verifyX5c([leaf], { anchors, now: new Date(later(90).getTime() - 1) }))
  refused(t, [leaf], 'expired', 'on the second', { anchors, now: later(90) })
  const beginning = new Date(now.getTime() - 5 * 60_000)
  t.ok(verifyX5c([leaf], { anchors, now: beginning }))
  refused(t, [leaf], 'not_yet_valid', 'before it began', { anchors, now: new Date(beginning.getTime() - 1) })
  t.ok(verifyX5c([leaf], { anchors, now }))
  const tomorrow = await issueLeafCertificate(ca, { ...request(), now: later(1) })
  refused(t, [tomorrow], 'not_yet_valid', 'made for tomorrow')
  t.ok(verifyX5c([tomorrow], { anchors, now: later(1) }))
})

t.test('a certificate ends with its anchor', async (t) => {
  const short = await createCertificateAuthority({ name: 'Short', now, years: 1 })
  const inside = await issueLeafCertificate(short, { ...request(), days: 1000 })
  const policy = { anchors: [new NodeCertificate(short.certificatePem)], now }
  t.equal(verifyX5c([inside], policy).expiresAt.toISOString(), '2027-11-24T12:00:00.000Z')
  refused(t, [inside], 'expired', 'after its anchor', { ...policy, now: later(366) })
})

function request() {
  return { subjectName: 'De Linde', entityId, publicJwk: school.publicJwk, now, days: 90 }
}

t.test('without an anchor nobody is believed, and a proof for one set of anchors is none for another', async (t) => {
  const other = await createCertificateAuthority({ name: 'Samen test', now, years: 10 })
  const otherAnchors = [new NodeCertificate(other.certificatePem)]
  refused(t, [leaf], 'unknown_authority', 'no anchors', { anchors: [], now })
  refused(t, [leaf], 'unknown_authority', 'an anchor of the same name', { anchors: otherAnchors, now })
  t.equal(verifyX5c([leaf], { anchors: [...otherAnchors, ...anchors], now }).entityId, entityId, 'one of two')
  refused(t, [], 'no_certificate', 'nothing')
})

t.test('another authority that copies name and key identifier of ours is not believed', async (t) => {
  const ours = new X509Certificate(ca.certificatePem)
  const copied = ours.getExtension(AuthorityKeyIdentifierExtension) ?? ours.getExtension(SubjectKeyIdentifierExtension)
  const keyId = (copied as SubjectKeyIdentifierExtension).keyId
  const rogue = { certificatePem: ca.certificatePem, privateJwk: exportSigningKey(generateSigningKey()) }
  const extensions = [basic, usage, name, new AuthorityKeyIdentifierExtension(keyId)]
  refused(t, [await oddLeaf({ by: rogue, extensions })], 'unknown_authority', 'copied')
  t.ok(verifyX5c([await oddLeaf({ extensions })], { anchors, now }), 'the same content signed by ours')
})

t.test('a certificate that names another authority is not ours, whoever signed it', async (t) => {
  refused(t, [await oddLeaf({ issuer: 'CN=Another' })], 'unknown_authority', 'other issuer name')
  const foreign = new AuthorityKeyIdentifierExtension('00'.repeat(20))
  refused(t, [await oddLeaf({ extensions: [basic, usage, name, foreign] })], 'unknown_authority', 'other key id')
})

t.test('a self-signed certificate is refused', async (t) => {
  const own = exportSigningKey(school)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['De Linde'] }],
    notBefore: later(-1),
    notAfter: later(30),
    keys: { publicKey: await importPublic(school.publicJwk), privateKey: await importPrivate(own) },
    signingAlgorithm: curve,
    extensions: [basic, usage, name],
  })
  const x5c = [certificate.toString('base64')]
  refused(t, x5c, 'self_signed', 'unknown')
  const itself = [new NodeCertificate(certificate.toString('pem'))]
  refused(t, x5c, 'anchor_in_chain', 'even where it was taken for an anchor', { anchors: itself, now })
})

t.test('the anchor does not travel in the chain, and nothing else does but the leaf', async (t) => {
  const anchor = asDer(ca.certificatePem)
  refused(t, [leaf, anchor], 'anchor_in_chain', 'behind the leaf')
  refused(t, [anchor], 'anchor_in_chain', 'as the leaf')
  refused(t, [leaf, leaf], 'chain_too_long', 'twice')
  refused(t, [leaf, 'AAAA'], 'chain_too_long', 'something')
})

t.test('the certificate of an authority is no certificate of a member', async (t) => {
  const authority = new BasicConstraintsExtension(true, undefined, true)
  const certSign = new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)
  refused(t, [await oddLeaf({ extensions: [authority, certSign, name] })], 'ca_as_leaf', 'an intermediate')
  refused(t, [await oddLeaf({ extensions: [authority, usage, name] })], 'ca_as_leaf', 'one that says it only signs')
})

t.test('a member cannot certify others', async (t) => {
  const member = { certificatePem: new X509Certificate(leaf).toString('pem'), privateJwk: exportSigningKey(school) }
  const below = await oddLeaf({ by: member, publicKey: await importPublic(generateSigningKey().publicJwk) })
  refused(t, [below], 'unknown_authority', 'below the leaf')
  refused(t, [below, leaf], 'chain_too_long', 'with the leaf')
  const trustingLeaf = { anchors: [new NodeCertificate(member.certificatePem)], now }
  refused(t, [below], 'unknown_authority', 'even where the leaf was taken for an anchor', trustingLeaf)
})

t.test('a certificate for another use is refused', async (t) => {
  const flags = KeyUsageFlags
  for (const wrong of [
    flags.keyAgreement,
    flags.keyCertSign,
    flags.digitalSignature | flags.keyCertSign,
    flags.digitalSignature | flags.keyAgreement,
  ]) {
    const extensions = [basic, new KeyUsagesExtension(wrong, true), name]
    refused(t, [await oddLeaf({ extensions })], 'wrong_usage', String(wrong))
  }
  refused(t, [await oddLeaf({ extensions: [basic, name] })], 'wrong_usage', 'no use at all')
  const server = new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1'])
  refused(t, [await oddLeaf({ extensions: [basic, usage, name, server] })], 'wrong_usage', 'a web server')
})

t.test('a certificate names exactly one entity', async (t) => {
  const named = (names: { type: 'url' | 'dns'; value: string }[]) => [
    basic,
    usage,
    new SubjectAlternativeNameExtension(names),
  ]
  const url = { type: 'url', value: entityId } as const
  refused(t, [await oddLeaf({ extensions: [basic, usage] })], 'wrong_name', 'nobody')
  refused(t, [await oddLeaf({ extensions: named([]) })], 'wrong_name', 'an empty list')
  refused(t, [await oddLeaf({ extensions: named([{ type: 'dns', value: 'issuer.example' }]) })], 'wrong_name', 'a host')
  refused(t, [await oddLeaf({ extensions: named([url, { ...url, value: `${entityId}2` }]) })], 'wrong_name', 'two')
  refused(
    t,
    [await oddLeaf({ extensions: named([{ type: 'dns', value: 'a' }, url]) })],
    'wrong_name',
    'a host before it',
  )
})

t.test('what we do not understand and must, and what is there twice, is refused', async (t) => {
  const unknown = new Extension('1.2.3.4', true, new Uint8Array([0x05, 0x00]))
  refused(t, [await oddLeaf({ extensions: [basic, usage, name, unknown] })], 'malformed', 'critical')
  const harmless = new Extension('1.2.3.4', false, new Uint8Array([0x05, 0x00]))
  t.ok(verifyX5c([await oddLeaf({ extensions: [basic, usage, name, harmless] })], { anchors, now }), 'not critical')
  const torn = new Extension('2.5.29.32', false, new Uint8Array([0x30, 0x05, 0x86]))
  refused(t, [await oddLeaf({ extensions: [basic, usage, name, torn] })], 'malformed', 'torn')
  refused(t, [await oddLeaf({ extensions: [basic, usage, name, harmless, harmless] })], 'malformed', 'twice')
})

t.test('other algorithms are refused', async (t) => {
  refused(t, [await oddLeaf({ hash: 'SHA-384' })], 'unsupported_algorithm', 'another hash')
  const rsa = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  }
  const wide = { name: 'ECDSA', namedCurve: 'P-384' }
  for (const algorithm of [rsa, wide]) {
    const pair = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
    refused(t, [await oddLeaf({ publicKey: pair.publicKey })], 'unsupported_algorithm', algorithm.name)
  }
})

t.test('what is no certificate in its one spelling is refused', async (t) => {
  const der = Buffer.from(leaf, 'base64')
  const broken = [
    '',
    'not base64!',
    leaf.replaceAll('+', '-').replaceAll('/', '_').replace(/=*$/, ''),
    `${leaf}\n`,
    ` ${leaf}`,
    new X509Certificate(leaf).toString('pem'),
    der.subarray(0, -1).toString('base64'),
    Buffer.concat([der, Buffer.from([0])]).toString('base64'),
    Buffer.from('text').toString('base64'),
    'A'.repeat(8196),
  ]
  for (const wrong of broken) refused(t, [wrong], 'malformed', wrong.slice(0, 20))
  refused(t, [7 as unknown as string], 'malformed', 'a number')
})

t.test('a certificate whose key cannot be read is refused, like every other bad one', async (t) => {
  const stranger = await createCertificateAuthority({ name: 'Stranger', now, years: 10 })
  const der = new NodeCertificate(stranger.certificatePem).raw
  const { x = '' } = new NodeCertificate(stranger.certificatePem).publicKey.export({ format: 'jwk' })
  const places = {
    'an unknown algorithm': der.indexOf('2a8648ce3d0201', 'hex') + 6,
    'an unknown curve': der.indexOf('2a8648ce3d030107', 'hex') + 7,
    'a point beside its curve': der.indexOf(Buffer.from(x, 'base64url')),
  }
  for (const [about, at] of Object.entries(places)) {
    const broken = Buffer.from(der)
    broken.writeUInt8((broken.readUInt8(at) + 101) % 128, at)
    refused(t, [broken.toString('base64')], 'unsupported_algorithm', about)
  }
})
