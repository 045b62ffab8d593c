import { deflateSync } from 'node:zlib'
import { verifyNodeMessage } from '@samen/consent'
import { readEntityConfiguration, readTrustMark } from '@samen/federation'
import { CLOCK_SKEW_SECONDS, generateSigningKey, importPublicJwk, sha256Base64url, signJwt } from '@samen/jwt-profile'
import { verifyDpopProof } from '@samen/oauth'
import { verifyJwtProofs } from '@samen/openid4vci'
import { parseSdJwt, verifyKeyBinding, verifySdJwtVc } from '@samen/sd-jwt-vc'
import { readStatusListToken } from '@samen/status-list'
import t from 'tap'

const now = new Date('2026-11-24T12:00:00Z')
const seconds = now.getTime() / 1000
const SKEW = CLOCK_SKEW_SECONDS
const AGE = 300
const WHO = 'https://a.example'
const key = generateSigningKey()
const { kty, crv, x, y } = key.publicJwk
const jwk = { kty, crv, x, y }
const usual = { iat: seconds, exp: seconds + 3600 }

type Claims = Record<string, unknown>

/** Everything with a time in it that one party sends another, each good but for the times that a row bends. */
const kinds: Record<string, (times: Claims) => unknown> = {
  'a message between nodes': async (times) => {
    const claims = { iss: WHO, aud: WHO, jti: 'A'.repeat(22), ...usual, ...times }
    const member = { entityId: WHO, jwks: [key.publicJwk], metadata: {}, trustMarks: [], expiresAt: now }
    const resolver = { resolve: async () => member }
    const policy = { typ: 'samen-purpose+jwt', audience: WHO, trustMark: 'x', resolver, now }
    return verifyNodeMessage(signJwt(key, { typ: 'samen-purpose+jwt' }, claims), policy)
  },
  'an entity statement': (times) => {
    const claims = { iss: WHO, sub: WHO, jwks: { keys: [key.publicJwk] }, authority_hints: [WHO], ...usual, ...times }
    const policy = { entityId: WHO, jwks: 'own', superior: WHO, now } as const
    return readEntityConfiguration(signJwt(key, { typ: 'entity-statement+jwt' }, claims), policy)
  },
  'a trust mark': (times) => {
    const claims = { iss: WHO, sub: WHO, trust_mark_type: 'urn:x', ...usual, ...times }
    const policy = { issuer: WHO, subject: WHO, type: 'urn:x', jwks: [key.publicJwk], now }
    return readTrustMark(signJwt(key, { typ: 'trust-mark+jwt' }, claims), policy)
  },
  'a DPoP proof': (times) => {
    const claims = { jti: 'j', htm: 'POST', htu: WHO, ...usual, ...times }
    const policy = { htm: 'POST', htu: WHO, accessToken: 'not-used', maxAgeSeconds: AGE, now } as const
    return verifyDpopProof(signJwt(key, { typ: 'dpop+jwt', jwk }, claims), policy)
  },
  'a key proof': (times) => {
    const claims = { aud: WHO, nonce: 'n', ...usual, ...times }
    const policy = { issuer: WHO, clientId: 'anonymous', maxAgeSeconds: AGE, now }
    return verifyJwtProofs([signJwt(key, { typ: 'openid4vci-proof+jwt', jwk }, claims)], policy)
  },
  'a credential': (times) => {
    const claims = { iss: WHO, vct: 'urn:x', cnf: { jwk }, ...usual, ...times }
    const sdJwt = parseSdJwt(`${signJwt(key, { typ: 'dc+sd-jwt' }, claims)}~`)
    return verifySdJwtVc(sdJwt, { issuer: WHO, key: importPublicJwk(jwk), now })
  },
  'a key binding': (times) => {
    const bound = `${signJwt(key, { typ: 'dc+sd-jwt' }, {})}~`
    const claims = { aud: WHO, nonce: 'n', sd_hash: sha256Base64url(bound), ...usual, ...times }
    const sdJwt = parseSdJwt(bound + signJwt(key, { typ: 'kb+jwt' }, claims))
    return verifyKeyBinding(sdJwt, { holderKey: jwk, nonce: 'n', audience: WHO, maxAgeSeconds: AGE, now })
  },
  'a status list': (times) => {
    const lst = deflateSync(Buffer.alloc(1)).toString('base64url')
    const claims = { sub: WHO, status_list: { bits: 1, lst }, ...usual, ...times }
    const keyFor = () => ({ key: importPublicJwk(jwk), owner: WHO })
    return readStatusListToken(signJwt(key, { typ: 'statuslist+jwt' }, claims), { uri: WHO, keyFor, now })
  },
}

/** What nobody else relies on after its end to the second. */
const forgivesItsEnd = Object.keys(kinds).filter((kind) => kind !== 'a status list')
const ages = ['a message between nodes', 'a DPoP proof', 'a key proof', 'a key binding']

const edges: [string, readonly string[], Claims, Claims][] = [
  ['made by a clock that is ahead', Object.keys(kinds), { iat: seconds + SKEW }, { iat: seconds + SKEW + 1 }],
  ['not valid yet', Object.keys(kinds), { nbf: seconds + SKEW }, { nbf: seconds + SKEW + 1 }],
  [
    'at its end',
    forgivesItsEnd,
    { iat: seconds - 60, exp: seconds - SKEW + 1 },
    { iat: seconds - 60, exp: seconds - SKEW },
  ],
  ['at its end', ['a status list'], { iat: seconds - 60, exp: seconds + 1 }, { iat: seconds - 60, exp: seconds }],
  ['as old as it may be', ages, { iat: seconds - AGE - SKEW }, { iat: seconds - AGE - SKEW - 1 }],
]

t.test('all clocks are forgiven the same, to the second', async (t) => {
  t.equal(SKEW, 30)
  for (const [what, names, good, bad] of edges) {
    for (const name of names) {
      const verify = async (times: Claims) => kinds[name]?.(times)
      await t.resolves(verify(good), `${name}, ${what}`)
      await t.rejects(verify(bad), `${name}, ${what}, and one second`)
    }
  }
})
