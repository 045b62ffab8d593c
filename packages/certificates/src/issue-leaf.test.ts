import { X509Certificate as NodeCertificate, webcrypto } from 'node:crypto'
import { generateSigningKey, sha256Base64url } from '@samen/jwt-profile'
import t from 'tap'
import {
  authorityKeyIdentifier,
  createCertificateAuthority,
  issueLeafCertificate,
  verifyX5c,
  x509Hash,
} from './certificates.ts'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsagesExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.ts'

const now = new Date('2026-11-24T12:00:00Z')
const ca = await createCertificateAuthority({ name: 'Samen test, O=Other', now, years: 10 })
const anchors = [new NodeCertificate(ca.certificatePem)]
const key = generateSigningKey()
const request = { subjectName: 'De Linde', entityId: 'https://a.example/x', publicJwk: key.publicJwk, now, days: 90 }

t.test('an authority may certify members, nothing below them, and nothing else', async (t) => {
  const certificate = new X509Certificate(ca.certificatePem)
  t.match(certificate.getExtension(BasicConstraintsExtension), { ca: true, pathLength: 0, critical: true })
  t.match(certificate.getExtension(KeyUsagesExtension), { usages: 0b1100000, critical: true })
  t.equal(certificate.notAfter.toISOString(), '2036-11-24T12:00:00.000Z')
  const [anchor] = anchors as [NodeCertificate]
  t.ok(anchor.ca && anchor.verify(anchor.publicKey))
  t.equal(anchor.subject, 'CN=Samen test\\, O=Other', 'a comma makes no second attribute')
})

t.test('two authorities of one name have two keys', async (t) => {
  const twin = await createCertificateAuthority({ name: 'Samen test, O=Other', now, years: 10 })
  t.not(authorityKeyIdentifier(twin.certificatePem), authorityKeyIdentifier(ca.certificatePem))
})

t.test('a member may be called anything; the name is cut where X.520 cuts it', async (t) => {
  for (const subjectName of ['Bäsisschool "De Ümlaut", CN=Other+O=x\\', '学校', '']) {
    const leaf = await issueLeafCertificate(ca, { ...request, subjectName })
    t.equal(verifyX5c([leaf], { anchors, now }).entityId, request.entityId, subjectName)
    t.equal(new X509Certificate(leaf).subjectName.toJSON().length, 1)
  }
  const leaf = await issueLeafCertificate(ca, { ...request, subjectName: '😀'.repeat(80) })
  t.same(new X509Certificate(leaf).subjectName.toJSON(), [{ CN: ['😀'.repeat(64)] }])
})

t.test('a name is written down as it is, also one that begins like a code or is put between quotes', async (t) => {
  for (const subjectName of ['#1 Rekenen', '#', '#zz', 'School ""', 'School "De Wilg" te Urk', 'a\\0ab', ' Wilg ']) {
    const leaf = await issueLeafCertificate(ca, { ...request, subjectName })
    t.same(new X509Certificate(leaf).subjectName.getField('CN'), [subjectName])
  }
})

t.test('a member called like its authority is still a member', async (t) => {
  const leaf = await issueLeafCertificate(ca, { ...request, subjectName: 'Samen test, O=Other' })
  t.equal(verifyX5c([leaf], { anchors, now }).entityId, request.entityId)
})

t.test('a certificate begins a little early, and ends after its days or with its authority', async (t) => {
  const leaf = new X509Certificate(await issueLeafCertificate(ca, request))
  t.equal(leaf.notBefore.toISOString(), '2026-11-24T11:55:00.000Z')
  t.equal(leaf.notAfter.toISOString(), '2027-02-22T12:00:00.000Z')
  const long = new X509Certificate(await issueLeafCertificate(ca, { ...request, days: 36_500 }))
  const { notAfter } = new X509Certificate(ca.certificatePem)
  t.same(long.notAfter, notAfter)
  await t.rejects(
    issueLeafCertificate(ca, { ...request, now: notAfter }),
    { code: 'expired' },
    'and none after its end',
  )
})

t.test('an entity id that is no plain URL is not certified', async (t) => {
  for (const entityId of [
    '',
    'school',
    'urn:school',
    'https://',
    'https://a.example/Ü',
    'https://a.example/ x',
    ' https://a',
  ]) {
    await t.rejects(issueLeafCertificate(ca, { ...request, entityId }), { code: 'wrong_name' }, entityId)
  }
  t.ok(await issueLeafCertificate(ca, { ...request, entityId: 'http://127.0.0.1:3000/apps/a' }))
})

t.test('a key that is none is not certified', async (t) => {
  const offCurve = { ...key.publicJwk, y: key.publicJwk.x }
  await t.rejects(issueLeafCertificate(ca, { ...request, publicJwk: offCurve }), { code: 'invalid_key' })
})

t.test('the name of a certificate is the hash of its bytes', async (t) => {
  const leaf = await issueLeafCertificate(ca, request)
  t.equal(x509Hash(leaf), sha256Base64url(Buffer.from(leaf, 'base64')))
  t.throws(() => x509Hash(`${leaf} `), { code: 'malformed' })
})

t.test('the name of the authority stands in each certificate it issues', async (t) => {
  const leaf = new X509Certificate(await issueLeafCertificate(ca, request))
  const keyId = leaf.getExtension(AuthorityKeyIdentifierExtension)?.keyId ?? ''
  t.equal(authorityKeyIdentifier(ca.certificatePem), Buffer.from(keyId, 'hex').toString('base64url'))
  t.match(authorityKeyIdentifier(ca.certificatePem), /^[A-Za-z0-9_-]{27}$/)
  t.throws(() => authorityKeyIdentifier('no certificate'), { code: 'malformed' })
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = (await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const nameless = await X509CertificateGenerator.createSelfSigned({ keys, signingAlgorithm: algorithm })
  t.throws(() => authorityKeyIdentifier(nameless.toString('pem')), { code: 'malformed' }, 'without a key identifier')
})
