import { createHmac } from 'node:crypto'
import {
  decodeJwt,
  exportSigningKey,
  generateSigningKey,
  importPublicJwk,
  sha256Base64url,
  signJwt,
} from '@samen/jwt-profile'
import { calculateJwkThumbprint, importJWK, jwtVerify, SignJWT } from 'jose'
import t, { type Test } from 'tap'
import rfc from '../../../tests/vectors/DPOP/proofs.json' with { type: 'json' }
import { createDpopProof, verifyDpopProof } from './oauth.ts'
import type { DpopPolicy } from './verify-dpop-proof.ts'

const now = new Date('2026-11-24T12:00:00Z')
const seconds = now.getTime() / 1000
const key = generateSigningKey()
const { kty, crv, x, y } = key.publicJwk
const jwk = { kty, crv, x, y }
const htu = 'https://issuer.example/schools/linde/token'
const policy: DpopPolicy = { htm: 'POST', htu, accessToken: 'not-used', now, maxAgeSeconds: 120 }
const claims = { jti: 'e1j3V_bKic8-LAEB', htm: 'POST', htu, iat: seconds }

const proofWith = (changed: object, header: object = {}) =>
  signJwt(key, { typ: 'dpop+jwt', jwk, ...header }, { ...claims, ...changed })

function refused(t: Test, proof: string | string[] | undefined, about: string, changed: Partial<DpopPolicy> = {}) {
  const expected = { name: 'ProtocolError', status: 400, code: 'invalid_dpop_proof', headers: {} }
  t.throws(() => verifyDpopProof(proof, { ...policy, ...changed }), expected, about)
}

t.test('the proofs of RFC 9449 are accepted at the time they were made', async (t) => {
  const { tokenRequest, resourceRequest } = rfc
  const atToken = {
    ...tokenRequest,
    accessToken: 'not-used',
    now: new Date(tokenRequest.iat * 1000),
    maxAgeSeconds: 60,
  }
  const usableUntil = tokenRequest.iat + 60 + 30
  t.same(verifyDpopProof(tokenRequest.proof, atToken), {
    jkt: rfc.jkt,
    jti: tokenRequest.jti,
    iat: tokenRequest.iat,
    usableUntil,
  })
  const atResource = { ...resourceRequest, now: new Date(resourceRequest.iat * 1000), maxAgeSeconds: 60 }
  t.match(verifyDpopProof(resourceRequest.proof, atResource), { jkt: rfc.jkt, jti: resourceRequest.jti })
  t.throws(() => verifyDpopProof(resourceRequest.proof, { ...atResource, accessToken: 'another' }), {
    code: 'invalid_dpop_proof',
  })
  t.throws(
    () => verifyDpopProof(tokenRequest.proof, { ...atToken, now }),
    { code: 'invalid_dpop_proof' },
    'years later',
  )
})

t.test('our proofs are read by jose, and proofs made with jose by us', async (t) => {
  const ours = createDpopProof(key, { htm: 'POST', htu, accessToken: 'token', jti: 'j-1', now })
  const { payload, protectedHeader } = await jwtVerify(ours, await importJWK(jwk, 'ES256'), { typ: 'dpop+jwt' })
  t.same(payload, { jti: 'j-1', htm: 'POST', htu, iat: seconds, ath: sha256Base64url('token') })
  t.same(protectedHeader, { alg: 'ES256', typ: 'dpop+jwt', jwk })
  const theirs = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .sign(await importJWK(exportSigningKey(key), 'ES256'))
  const { jkt, jti, iat } = verifyDpopProof(theirs, policy)
  t.same({ jkt, jti, iat }, { jkt: await calculateJwkThumbprint(jwk), jti: claims.jti, iat: seconds })
})

t.test('what we make we accept, with and without a token', async (t) => {
  const atToken = createDpopProof(key, { htm: 'POST', htu, accessToken: 'not-used', jti: 'j-1', now })
  t.ok(verifyDpopProof(atToken, policy))
  t.same(decodeJwt(atToken, { maxBytes: 4096 }).payload, { jti: 'j-1', htm: 'POST', htu, iat: seconds })
  t.ok(verifyDpopProof([atToken], policy), 'as a list of one header')
  const withToken = createDpopProof(key, { htm: 'GET', htu, accessToken: 'token', jti: 'j-2', now })
  t.ok(verifyDpopProof(withToken, { ...policy, htm: 'GET', accessToken: 'token' }))
})

t.test('there is one header, and it is a proof signed with the key it carries', async (t) => {
  refused(t, undefined, 'no header')
  refused(t, [], 'an empty list')
  refused(t, [proofWith({}), proofWith({})], 'two headers')
  refused(t, `${proofWith({})}, ${proofWith({})}`, 'two in one')
  refused(t, '', 'an empty header')
  refused(t, 'proof', 'no token')
  for (const typ of ['JWT', 'jwt', 'DPOP+JWT', undefined]) refused(t, proofWith({}, { typ }), `typ ${typ}`)
  refused(t, proofWith({}, { jwk: { ...jwk, d: exportSigningKey(key).d } }), 'a private key')
  refused(t, proofWith({}, { jwk: { kty: 'oct', k: 'AAAA' } }), 'a symmetric key')
  refused(t, proofWith({}, { jwk: undefined }), 'no key')
  const { kty, crv, x, y } = generateSigningKey().publicJwk
  refused(t, proofWith({}, { jwk: { kty, crv, x, y } }), 'the key of another')
  refused(t, proofWith({}, { jwk: { ...jwk, y: jwk.x } }), 'off the curve')
  refused(t, proofWith({}, { crit: ['nonce'] }), 'crit')
  refused(t, proofWith({ pad: 'a'.repeat(4096) }), 'longer than any proof')
})

t.test('algorithms without a secret of the holder are refused', async (t) => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  refused(t, `${encode({ alg: 'none', typ: 'dpop+jwt', jwk })}.${encode(claims)}.`, 'none')
  const input = `${encode({ alg: 'HS256', typ: 'dpop+jwt', jwk })}.${encode(claims)}`
  const secret = importPublicJwk(jwk).export({ type: 'spki', format: 'der' })
  refused(t, `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`, 'HS256 with the public key')
})

t.test('a proof is for one method and one URL', async (t) => {
  refused(t, proofWith({ htm: 'GET' }), 'another method')
  refused(t, proofWith({ htm: 'post' }), 'methods have capitals')
  for (const claim of ['htm', 'htu', 'iat', 'jti']) refused(t, proofWith({ [claim]: undefined }), `no ${claim}`)
  for (const claim of ['htm', 'htu', 'iat', 'jti']) refused(t, proofWith({ [claim]: {} }), `${claim} as an object`)
  refused(t, proofWith({ jti: '' }), 'an empty id')
  refused(t, proofWith({ jti: 'a'.repeat(257) }), 'an id that fills our memory')
  t.ok(verifyDpopProof(proofWith({ jti: 'a'.repeat(256) }), policy))
})

t.test('URLs are compared as URLs, without query and fragment', async (t) => {
  const same = [
    'HTTPS://Issuer.Example/schools/linde/token',
    'https://issuer.example:443/schools/linde/token',
    `${htu}?a=1`,
    `${htu}#b`,
    'https://issuer.example/schools/./x/../linde/token',
    'https://issuer.example/schools/%6cinde/token',
  ]
  for (const url of same) t.ok(verifyDpopProof(proofWith({ htu: url }), policy), url)
  const others = [
    'http://issuer.example/schools/linde/token',
    'https://issuer.example:8443/schools/linde/token',
    'https://other.example/schools/linde/token',
    'https://issuer.example/schools/linde/Token',
    'https://issuer.example/schools/linde/token/',
    'https://issuer.example/schools/eik/token',
    'https://issuer.example/schools%2Flinde/token',
    'https://user@issuer.example/schools/linde/token',
    'https://user:secret@issuer.example/schools/linde/token',
    'https://:secret@issuer.example/schools/linde/token',
    '/schools/linde/token',
    'urn:token',
    '',
  ]
  for (const url of others) refused(t, proofWith({ htu: url }), url)
  const escaped = { ...policy, htu: 'https://issuer.example/a%2fb' }
  t.ok(verifyDpopProof(proofWith({ htu: 'https://issuer.example/a%2Fb' }), escaped), 'capitals of an escape')
})

t.test('ten seconds either way pass, minutes do not', async (t) => {
  for (const offset of [-150, -120, -10, 0, 10, 30]) {
    t.ok(verifyDpopProof(proofWith({ iat: seconds + offset }), policy), `${offset} s`)
  }
  for (const offset of [-600, -151, 31, 61, 600]) refused(t, proofWith({ iat: seconds + offset }), `${offset} s`)
  refused(t, proofWith({ exp: seconds - 60 }), 'over by its own word')
  refused(t, proofWith({ nbf: seconds + 60 }), 'not begun by its own word')
})

t.test('as long as a proof would be accepted its id must be remembered, and no longer', async (t) => {
  const proof = proofWith({})
  const { usableUntil } = verifyDpopProof(proof, policy)
  t.ok(verifyDpopProof(proof, { ...policy, now: new Date(usableUntil * 1000) }))
  refused(t, proof, 'afterwards', { now: new Date(usableUntil * 1000 + 1) })
})

t.test('beside an access token the proof names that token, and a refusal is a challenge', async (t) => {
  const expected = {
    name: 'ProtocolError',
    status: 401,
    code: 'invalid_dpop_proof',
    headers: {
      'www-authenticate':
        'DPoP algs="ES256", error="invalid_dpop_proof", error_description="the DPoP proof is not valid"',
    },
  }
  const withToken = { ...policy, accessToken: 'token' }
  t.ok(verifyDpopProof(proofWith({ ath: sha256Base64url('token') }), withToken))
  t.throws(() => verifyDpopProof(proofWith({}), withToken), expected, 'no hash')
  t.throws(() => verifyDpopProof(proofWith({ ath: sha256Base64url('other') }), withToken), expected, 'another token')
  t.throws(() => verifyDpopProof(proofWith({ ath: 'token' }), withToken), expected, 'the token itself')
  t.throws(() => verifyDpopProof(undefined, withToken), expected, 'no proof')
  t.ok(verifyDpopProof(proofWith({ ath: sha256Base64url('x') }), policy), 'where there is no token it means nothing')
})

t.test('a refusal never repeats the proof', async (t) => {
  try {
    verifyDpopProof(proofWith({ htm: 'secret-method' }), policy)
    t.fail('it was accepted')
  } catch (error) {
    t.notMatch(`${error}${(error as Error).cause}`, 'secret-method')
  }
})
