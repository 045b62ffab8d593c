import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import {
  CLAIMS,
  digestOf,
  disclosedIn,
  disclosure,
  forge,
  forgeJwt,
  holderKey,
  refused,
  SCHOOL,
  SECONDS,
  schoolKey,
  verifyCredential as verify,
} from '../test/forge-credential.ts'

t.test('a good credential gives its issuer, type, holder key, status and claims', async (t) => {
  const year = disclosure(['salt', 'year_group', 7])
  const found = verify(forge({ payload: { _sd: [digestOf(year)], enrolled: true } }, [year]))
  t.equal(found.issuer, SCHOOL)
  t.equal(found.vct, 'urn:samen:credential:pupil:1')
  t.same(found.status, { uri: `${SCHOOL}/status-lists/1`, idx: 7 })
  t.same(found.holderKey, CLAIMS.cnf.jwk)
  t.same(found.claims, { ...CLAIMS, enrolled: true, year_group: 7 })
  t.same(disclosedIn(found.root), [{ path: ['year_group'], disclosure: year }])
})

t.test('only ES256, only a key that the policy gave, nothing that changes what is signed', async (t) => {
  const stranger = generateSigningKey()
  refused(t, 'unsupported_algorithm', () => verify(forge({ header: { alg: 'none' } })))
  refused(t, 'unsupported_algorithm', () => verify(forge({ header: { alg: 'HS256' } })))
  refused(t, 'unsupported_algorithm', () => verify(forge({ header: { alg: 'ES384' } })))
  refused(t, 'forbidden_header', () => verify(forge({ header: { crit: ['exp'] } })))
  refused(t, 'forbidden_header', () => verify(forge({ header: { jku: 'https://evil.example/' } })))
  refused(t, 'forbidden_header', () => verify(forge({ header: { x5u: 'https://evil.example/' } })))
  refused(t, 'forbidden_header', () => verify(forge({ header: { jwk: stranger.publicJwk }, key: stranger })))
  refused(t, 'invalid_signature', () => verify(forge({ key: stranger })))
  const good = forge({})
  const other = forge({ payload: { enrolled: false } })
  const swapped = [good.split('.')[0], other.split('.')[1], good.split('.')[2]].join('.')
  refused(t, 'invalid_signature', () => verify(swapped))
})

t.test("without iss a credential is the certified issuer's, and with another name it is refused", async (t) => {
  t.equal(verify(forge({ payload: { iss: undefined } })).issuer, SCHOOL)
  for (const iss of ['https://issuer.example/schools/de-beuk', `${SCHOOL}/`, [SCHOOL], '', null]) {
    refused(t, 'issuer_mismatch', () => verify(forge({ payload: { iss } })), JSON.stringify(iss))
  }
})

t.test('the type is dc+sd-jwt and no older name', async (t) => {
  for (const typ of ['vc+sd-jwt', 'JWT', 'application/dc+sd-jwt', 'DC+SD-JWT', undefined]) {
    refused(t, 'wrong_type', () => verify(forge({ header: { typ } })), String(typ))
  }
})

t.test('what is expired, not yet valid or from the future is refused, and so is what never expires', async (t) => {
  t.ok(verify(forge({ payload: { exp: SECONDS - 29 } })))
  refused(t, 'expired', () => verify(forge({ payload: { exp: SECONDS - 30 } })))
  refused(t, 'missing_claim', () => verify(forge({ payload: { exp: undefined } })))
  refused(t, 'malformed', () => verify(forge({ payload: { exp: '2099' } })))
  t.ok(verify(forge({ payload: { nbf: SECONDS + 30 } })))
  refused(t, 'not_yet_valid', () => verify(forge({ payload: { nbf: SECONDS + 31 } })))
  t.ok(verify(forge({ payload: { iat: SECONDS + 30 } })))
  refused(t, 'not_yet_valid', () => verify(forge({ payload: { iat: SECONDS + 31 } })))
  refused(t, 'malformed_claim', () => verify(forge({ payload: { iat: 'now' } })))
})

t.test('time is judged on the processed payload, also when the claim was hidden', async (t) => {
  const future = disclosure(['salt', 'iat', SECONDS + 3600])
  refused(t, 'not_yet_valid', () => verify(forge({ payload: { _sd: [digestOf(future)] } }, [future])))
  const longer = disclosure(['salt', 'exp', SECONDS + 86_400])
  const expired = forge({ payload: { exp: SECONDS - 3600, _sd: [digestOf(longer)] } }, [longer])
  refused(t, 'expired', () => verify(expired))
  refused(t, 'protected_claim', () => verify(forge({ payload: { _sd: [digestOf(longer)] } }, [longer])))
})

t.test('a credential without type or holder key is refused', async (t) => {
  refused(t, 'missing_claim', () => verify(forge({ payload: { vct: undefined } })))
  refused(t, 'malformed_claim', () => verify(forge({ payload: { vct: 1 } })))
  refused(t, 'missing_claim', () => verify(forge({ payload: { cnf: undefined } })))
  refused(t, 'invalid_key', () => verify(forge({ payload: { cnf: { kid: 'x' } } })))
  const priv = { ...CLAIMS.cnf.jwk, d: holderKey.privateKey.export({ format: 'jwk' }).d }
  refused(t, 'invalid_key', () => verify(forge({ payload: { cnf: { jwk: priv } } })), 'a private key in public')
})

t.test('a status that cannot be read is refused, not taken for none', async (t) => {
  t.equal(verify(forge({ payload: { status: undefined } })).status, undefined)
  const list = CLAIMS.status.status_list
  const wrong = [{}, 'x', { other: {} }, { status_list: { ...list, idx: -1 } }, { status_list: { ...list, idx: 1.5 } }]
  for (const status of [...wrong, { status_list: { ...list, idx: '7' } }, { status_list: { ...list, uri: 1 } }]) {
    refused(t, 'malformed_claim', () => verify(forge({ payload: { status } })), JSON.stringify(status))
  }
})

t.test('where to ask for a status is known only of a credential that is good in itself', async (t) => {
  const stranger = generateSigningKey()
  t.ok(verify(forge({})).status)
  refused(t, 'invalid_signature', () => verify(forge({ key: stranger })))
  refused(t, 'expired', () => verify(forge({ payload: { exp: SECONDS - 60 } })), 'expired, whatever its status')
})

t.test('deep nesting and duplicate members of the signed payload are refused', async (t) => {
  const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
  const header = { alg: 'ES256', typ: 'dc+sd-jwt' }
  refused(t, 'malformed', () => verify(`${forgeJwt(header, deep, schoolKey)}~`))
  const usual = JSON.stringify(CLAIMS).slice(0, -1)
  const twice = `${usual},"iss":"https://evil.example"}`
  refused(t, 'malformed', () => verify(`${forgeJwt(header, twice, schoolKey)}~`))
})
