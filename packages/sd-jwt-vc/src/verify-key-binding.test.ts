import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import {
  APP,
  bind,
  bindingPolicy,
  CLAIMS,
  digestOf,
  disclosure,
  forge,
  refused,
  SECONDS,
  schoolKey,
  verifyBinding as verify,
  verifyCredential,
} from '../test/forge-credential.ts'

const year = disclosure(['salt 1', 'year_group', 7])
const group = disclosure(['salt 2', 'group_label', '7b'])
const full = forge({ payload: { _sd: [digestOf(year), digestOf(group)] } }, [year, group])
const onlyYear = full.replace(`~${group}`, '')

t.test('the proof of the holder of the key in the credential is taken, with the bare key', async (t) => {
  const { holderKey: proven } = verifyCredential(bind(full))
  t.same(Object.keys(CLAIMS.cnf.jwk), ['kty', 'crv', 'x', 'y'])
  t.equal(verify(bind(full), { holderKey: proven })['aud'], APP)
})

t.test('a presentation with the proof taken off is refused, whatever it shows', async (t) => {
  refused(t, 'key_binding_missing', () => verify(full))
})

t.test('the proof of another key, kind or algorithm is refused', async (t) => {
  const stranger = generateSigningKey()
  refused(t, 'key_binding_invalid_signature', () => verify(bind(full, { key: stranger })))
  refused(t, 'key_binding_invalid_signature', () => verify(bind(full, { key: schoolKey })), 'the issuer itself')
  refused(t, 'key_binding_forbidden_header', () =>
    verify(bind(full, { key: stranger, header: { jwk: stranger.publicJwk } })),
  )
  for (const typ of ['JWT', 'dc+sd-jwt', undefined]) {
    refused(t, 'key_binding_wrong_type', () => verify(bind(full, { header: { typ } })))
  }
  refused(t, 'key_binding_unsupported_algorithm', () => verify(bind(full, { header: { alg: 'none' } })))
  refused(t, 'key_binding_unsupported_algorithm', () => verify(bind(full, { header: { alg: 'HS256' } })))
})

t.test('the audience is the whole client id as one text', async (t) => {
  const withoutPrefix = APP.slice(APP.indexOf(':') + 1)
  for (const aud of [withoutPrefix, 'https://verifier.example/apps/x/responses/1', `${APP}/`, [APP], 1]) {
    refused(t, 'key_binding_wrong_audience', () => verify(bind(full, { claims: { aud } })), JSON.stringify(aud))
  }
  refused(t, 'key_binding_missing_claim', () => verify(bind(full, { claims: { aud: undefined } })))
})

t.test('the nonce is the one of this transaction', async (t) => {
  for (const nonce of ['another', '', undefined, [bindingPolicy.nonce]]) {
    refused(t, 'wrong_nonce', () => verify(bind(full, { claims: { nonce } })), JSON.stringify(nonce))
  }
})

t.test('the proof was made just now', async (t) => {
  t.ok(verify(bind(full, { claims: { iat: SECONDS - 30 } })))
  t.ok(verify(bind(full, { claims: { iat: SECONDS + 30 } })))
  const year = 365 * 86_400
  refused(t, 'key_binding_too_old', () => verify(bind(full, { claims: { iat: SECONDS - 151 } })))
  refused(t, 'key_binding_too_old', () => verify(bind(full, { claims: { iat: SECONDS - year } })))
  refused(t, 'key_binding_not_yet_valid', () => verify(bind(full, { claims: { iat: SECONDS + 31 } })))
  refused(t, 'key_binding_not_yet_valid', () => verify(bind(full, { claims: { iat: SECONDS + year } })))
  refused(t, 'key_binding_missing_claim', () => verify(bind(full, { claims: { iat: undefined } })))
  refused(t, 'key_binding_malformed', () => verify(bind(full, { claims: { iat: 'now' } })))
  refused(t, 'key_binding_expired', () => verify(bind(full, { claims: { exp: SECONDS - 60 } })))
  refused(t, 'key_binding_not_yet_valid', () => verify(bind(full, { claims: { nbf: SECONDS + 60 } })))
})

t.test('the proof is of exactly these disclosures', async (t) => {
  t.ok(verify(bind(onlyYear)))
  const proofOf = (text: string) => bind(text).slice(text.length)
  refused(t, 'wrong_sd_hash', () => verify(onlyYear + proofOf(full)), 'one taken away')
  refused(t, 'wrong_sd_hash', () => verify(full + proofOf(onlyYear)), 'one added')
  const withoutTilde = digestOf(full.slice(0, -1))
  refused(
    t,
    'wrong_sd_hash',
    () => verify(bind(full, { claims: { sd_hash: withoutTilde } })),
    'the last tilde left out',
  )
  refused(t, 'wrong_sd_hash', () => verify(bind(full, { claims: { sd_hash: undefined } })))
})

t.test('a bare proof, or more than is ever read, is no presentation', async (t) => {
  refused(t, 'not_an_sd_jwt', () => verify(bind('')))
  refused(t, 'too_large', () => verify(bind(`${full}${'d~'.repeat(32_768)}`)))
})

t.test('a proof the size of a credential is not read', async (t) => {
  refused(t, 'key_binding_too_large', () => verify(bind(full, { claims: { more: 'x'.repeat(8_192) } })))
})
