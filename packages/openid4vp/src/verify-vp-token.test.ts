import { ProtocolError } from '@samen/errors'
import { generateSigningKey, signJwt } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import t from 'tap'
import type { CredentialQuery, DcqlQuery } from './dcql-query.ts'
import type { PresentationError } from './refusal.ts'
import {
  APP,
  CLIENT_ID,
  certifiedSchool,
  issuePupil,
  NOW,
  PUPIL_PATHS,
  PUPIL_QUERY,
  policyOf,
  presentPupil,
  SCHOOL,
  VCT,
} from './school.fixture.ts'
import { verifyVpToken } from './verify-vp-token.ts'
import type { VpPolicy } from './vp-policy.ts'
import { parseVpToken } from './vp-token.ts'

const school = await certifiedSchool()
const holder = generateSigningKey()
const credential = issuePupil(school, holder.publicJwk)
const [pupilQuery] = PUPIL_QUERY.credentials as [CredentialQuery]
const policy = policyOf(school)

const verify = async (vpToken: JsonObject, query = PUPIL_QUERY, by = policy) =>
  verifyVpToken(parseVpToken(vpToken, query), by)

async function refused(
  vpToken: unknown,
  { query = PUPIL_QUERY, by = policy }: { query?: DcqlQuery; by?: VpPolicy } = {},
): Promise<string> {
  const error = await verify(vpToken as JsonObject, query, by).catch((caught) => caught)
  if (!(error instanceof ProtocolError) || error.status !== 400) return `not refused: ${error}`
  return (error.cause as PresentationError).code
}

t.test('the app learns the claims it asked for and its own pseudonym, and nothing that lay beside them', async (t) => {
  const { pupil } = await verify({ pupil: [presentPupil(credential, holder)] })
  t.same(pupil?.claims, {
    year_group: 7,
    age_equal_or_over: { '12': true },
    pseudonyms: { [APP]: 'pseudonym-for-this-app' },
  })
  t.equal(pupil?.issuer, SCHOOL)
  t.equal(pupil?.vct, VCT)
  t.equal(pupil?.holderKey.x, holder.publicJwk.x)
  t.notMatch(JSON.stringify(pupil), 'school_year')
})

t.test('the status list is asked last, and only about a credential that passed everything else', async (t) => {
  const asked: string[] = []
  await verify({ pupil: [presentPupil(credential, holder)] }, PUPIL_QUERY, policyOf(school, asked))
  t.same(asked, ['issuer', `status ${SCHOOL}/status-lists/1 7`])
  const faults = [
    presentPupil(credential, generateSigningKey()),
    presentPupil(credential, holder, { audience: 'x509_hash:another' }),
    presentPupil(credential, holder, { disclose: [['year_group']] }),
    presentPupil(issuePupil(school, holder.publicJwk, SCHOOL, new Date('2026-08-01')), holder),
  ]
  for (const fault of faults) {
    const calls: string[] = []
    t.not(await refused({ pupil: [fault] }, { by: policyOf(school, calls) }), 'not refused')
    t.same(calls, ['issuer'])
  }
})

t.test('a response of an older draft, or with an answer that nobody asked for, is refused', async (t) => {
  const good = presentPupil(credential, holder)
  t.equal(await refused({ pupil: good }), 'vp_token_malformed', 'a bare string')
  t.equal(await refused({ pupil: [] }), 'vp_token_malformed', 'an empty array')
  t.equal(await refused({ pupil: [{ presentation: good }] }), 'vp_token_malformed', 'an object')
  t.equal(await refused({}), 'vp_token_malformed', 'nothing')
  t.equal(await refused({ pupil: [good], guardian: [good] }), 'vp_token_unasked')
  t.equal(await refused({ pupil: [good, good] }), 'vp_token_malformed', 'two where one was asked')
})

t.test('a presentation made for another transaction or another app is refused', async (t) => {
  const stale = presentPupil(credential, holder, { nonce: 'AAAAAAAAAAAAAAAAAAAAAA' })
  t.equal(await refused({ pupil: [stale] }), 'nonce_mismatch')
  for (const audience of ['a'.repeat(43), 'https://verifier.example/responses/1', `${CLIENT_ID}x`]) {
    t.equal(await refused({ pupil: [presentPupil(credential, holder, { audience })] }), 'holder_binding_invalid')
  }
  for (const minutes of [-60, 60]) {
    const now = new Date(NOW.getTime() + minutes * 60_000)
    t.equal(await refused({ pupil: [presentPupil(credential, holder, { now })] }), 'holder_binding_invalid')
  }
})

t.test('a copy of a credential without the key of its holder is worth nothing', async (t) => {
  t.equal(await refused({ pupil: [presentPupil(credential, generateSigningKey())] }), 'holder_binding_invalid')
  const stripped = presentPupil(credential, holder).replace(/[^~]+$/, '')
  t.equal(await refused({ pupil: [stripped] }), 'holder_binding_invalid')
  t.equal(await refused({ pupil: [credential] }), 'holder_binding_invalid')
  const parts = presentPupil(credential, holder).split('~')
  t.equal(await refused({ pupil: [[parts[0], ...parts.slice(2)].join('~')] }), 'holder_binding_invalid', 'one less')
})

t.test('a credential of a stranger is refused, also when it carries the name of a school', async (t) => {
  const stranger = await certifiedSchool()
  const forged = presentPupil(issuePupil(stranger, holder.publicJwk), holder)
  t.equal(await refused({ pupil: [forged] }), 'issuer_untrusted', 'another authority')
  const neighbour = await certifiedSchool(school.authority, 'https://issuer.example/schools/other')
  const inItsName = presentPupil(issuePupil(neighbour, holder.publicJwk), holder)
  t.equal(await refused({ pupil: [inItsName] }), 'issuer_untrusted', 'the certificate of a neighbour')
  const copied = { ...school, key: { ...generateSigningKey(), x5c: school.key.x5c ?? [] } }
  const withCopy = presentPupil(issuePupil(copied, holder.publicJwk), holder)
  t.equal(await refused({ pupil: [withCopy] }), 'credential_invalid', 'the certificate of the school, another key')
  const bare = signJwt(school.key, { typ: 'dc+sd-jwt' }, { iss: SCHOOL, vct: VCT })
  const kb = presentPupil(credential, holder).split('~').at(-1)
  t.equal(await refused({ pupil: [`${bare}~${kb}`] }), 'issuer_untrusted', 'no certificate')
})

t.test('a credential without a name is of the school in its certificate, and its list is asked', async (t) => {
  const { kty, crv, x, y } = holder.publicJwk
  const status = { status_list: { uri: `${SCHOOL}/status-lists/1`, idx: 7 } }
  const nameless = { vct: VCT, exp: 1_900_000_000, cnf: { jwk: { kty, crv, x, y } }, status }
  const sign = (claims: object) => `${signJwt(school.key, { typ: 'dc+sd-jwt', x5c: school.key.x5c }, { ...claims })}~`
  const query: DcqlQuery = { credentials: [{ id: 'pupil', format: 'dc+sd-jwt', meta: { vct_values: [VCT] } }] }
  const answer = (claims: object) => ({ pupil: [presentPupil(sign(claims), holder, { disclose: [] })] })
  const asked: string[] = []
  const { pupil } = await verify(answer(nameless), query, policyOf(school, asked))
  t.equal(pupil?.issuer, SCHOOL)
  t.same(asked, ['issuer', `status ${SCHOOL}/status-lists/1 7`])
  for (const iss of ['https://issuer.example/schools/other', '', 7, null, [SCHOOL]]) {
    t.equal(await refused(answer({ ...nameless, iss }), { query }), 'issuer_untrusted', JSON.stringify(iss))
  }
})

t.test('showing more than was asked is refused, not quietly dropped', async (t) => {
  const more = presentPupil(credential, holder, { disclose: [...PUPIL_PATHS, ['given_name']] })
  t.equal(await refused({ pupil: [more] }), 'claims_surplus')
  const other = presentPupil(credential, holder, { disclose: [...PUPIL_PATHS, ['age_equal_or_over', '13']] })
  t.equal(await refused({ pupil: [other] }), 'claims_surplus')
  const joined = presentPupil(credential, holder, {
    disclose: [...PUPIL_PATHS, ['pseudonyms', 'https://other.example']],
  })
  t.equal(await refused({ pupil: [joined] }), 'claims_surplus', 'the pseudonym for another app')
  const none: DcqlQuery = { credentials: [{ id: 'pupil', format: 'dc+sd-jwt', meta: { vct_values: [VCT] } }] }
  t.equal(await refused({ pupil: [presentPupil(credential, holder)] }, { query: none }), 'claims_surplus', 'no claims')
})

t.test('showing less, or another kind of credential, does not answer the question', async (t) => {
  const less = presentPupil(credential, holder, { disclose: PUPIL_PATHS.slice(1) })
  t.equal(await refused({ pupil: [less] }), 'query_not_met')
  const query = { credentials: [{ ...pupilQuery, meta: { vct_values: ['urn:samen:credential:guardianship:1'] } }] }
  t.equal(await refused({ pupil: [presentPupil(credential, holder)] }, { query }), 'query_not_met')
})

t.test('an authority that is only named in the question is no proof: the issuer is always checked', async (t) => {
  const query: DcqlQuery = {
    credentials: [{ ...pupilQuery, trusted_authorities: [{ type: 'aki', values: ['whatever'] }] }],
  }
  const stranger = await certifiedSchool()
  const forged = presentPupil(issuePupil(stranger, holder.publicJwk), holder)
  t.equal(await refused({ pupil: [forged] }, { query }), 'issuer_untrusted')
})

t.test('one credential may answer two questions, and then shows what both asked', async (t) => {
  const [year, age, pseudonym] = pupilQuery.claims ?? []
  const query: DcqlQuery = {
    credentials: [
      { ...pupilQuery, id: 'a', claims: [year, pseudonym].filter((claim) => claim !== undefined) },
      { ...pupilQuery, id: 'b', claims: [age, pseudonym].filter((claim) => claim !== undefined) },
    ],
  }
  const both = presentPupil(credential, holder)
  const { a, b } = await verify({ a: [both], b: [both] }, query)
  t.same(Object.keys(a?.claims ?? {}).sort(), ['pseudonyms', 'year_group'])
  t.same(Object.keys(b?.claims ?? {}).sort(), ['age_equal_or_over', 'pseudonyms'])
  const sibling = presentPupil(issuePupil(school, holder.publicJwk), holder)
  t.equal(await refused({ a: [both], b: [sibling] }, { query }), 'claims_surplus', 'not for another credential')
})

t.test('a bad answer to an optional question is dropped, to a needed one refused', async (t) => {
  const credentials = [pupilQuery, { ...pupilQuery, id: 'extra' }]
  const optional: DcqlQuery = {
    credentials,
    credential_sets: [{ options: [['pupil']] }, { options: [['extra']], required: false }],
  }
  const good = presentPupil(credential, holder)
  const bad = presentPupil(credential, generateSigningKey())
  t.same(Object.keys(await verify({ pupil: [good], extra: [bad] }, optional)), ['pupil'])
  for (const unreadable of ['no SD-JWT', `${credential}rubbish`, good.replace('~', '~rubbish~'), credential]) {
    t.same(Object.keys(await verify({ pupil: [good], extra: [unreadable] }, optional)), ['pupil'])
  }
  t.same(Object.keys(await verify({ pupil: [good] }, optional)), ['pupil'])
  t.equal(await refused({ pupil: [bad], extra: [good] }, { query: optional }), 'holder_binding_invalid')
  t.equal(await refused({ extra: [good] }, { query: optional }), 'query_unsatisfied')
  const away = new ProtocolError(503, 'temporarily_unavailable', 'later')
  const half: VpPolicy = {
    ...policy,
    checkStatus: (_, { idx }) => (idx === 8 ? Promise.reject(away) : Promise.resolve()),
  }
  const unknown = presentPupil(issuePupil(school, holder.publicJwk, SCHOOL, undefined, 8), holder)
  await t.rejects(verify({ pupil: [good], extra: [unknown] }, optional, half), away, 'not knowing is not dropping')
})

t.test('a revoked credential is refused; a list that we cannot read is our failure and not a refusal', async (t) => {
  const token = { pupil: [presentPupil(credential, holder)] }
  const revoked = async () => {
    throw new ProtocolError(400, 'invalid_request', 'revoked')
  }
  t.equal(await refused(token, { by: { ...policy, checkStatus: revoked } }), 'status_not_valid')
  const away = async () => {
    throw new ProtocolError(503, 'temporarily_unavailable', 'later')
  }
  await t.rejects(
    verify(token, PUPIL_QUERY, { ...policy, checkStatus: away }),
    new ProtocolError(503, 'temporarily_unavailable', 'later'),
  )
  const broken = async () => {
    throw new TypeError('bug')
  }
  await t.rejects(verify(token, PUPIL_QUERY, { ...policy, checkStatus: broken }), TypeError)
  await t.rejects(verify(token, PUPIL_QUERY, { ...policy, trustIssuer: broken }), TypeError)
})

t.test('a credential that names no status list is refused: nobody could take it back', async (t) => {
  const { kty, crv, x, y } = holder.publicJwk
  const claims = { iss: SCHOOL, vct: VCT, exp: 1_900_000_000, cnf: { jwk: { kty, crv, x, y } } }
  const bare = `${signJwt(school.key, { typ: 'dc+sd-jwt', x5c: school.key.x5c }, claims)}~`
  const query: DcqlQuery = { credentials: [{ id: 'pupil', format: 'dc+sd-jwt', meta: { vct_values: [VCT] } }] }
  t.equal(await refused({ pupil: [presentPupil(bare, holder, { disclose: [] })] }, { query }), 'status_missing')
})
