import { randomBytes } from 'node:crypto'
import { exportSigningKey, importSigningKey, thumbprint } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import t from 'tap'
import {
  digestOf,
  disclosedIn,
  holderKey,
  NOW,
  refused,
  SCHOOL,
  schoolKey,
  verifyCredential,
} from '../test/forge-credential.ts'
import { type CredentialOrder, type DisclosurePlan, issueSdJwtVc } from './issue-sd-jwt-vc.ts'
import { parseSdJwt } from './parse-sd-jwt.ts'

const key = { ...schoolKey, x5c: ['leaf'] }
const claims: DisclosurePlan = {
  visible: { enrolled: true, school_year: '2026-2027' },
  hidden: { year_group: 7, given_name: 'Noor', sector: 'po', languages: ['nl', { a: null }] },
  hiddenMembers: { age_equal_or_over: { 12: false, 13: false }, pseudonyms: { 'https://a.example': 'p1' } },
}
const order: CredentialOrder = {
  key,
  issuer: SCHOOL,
  vct: 'urn:samen:credential:pupil:1',
  claims,
  holderKey: holderKey.publicJwk,
  status: { uri: `${SCHOOL}/status-lists/1`, idx: 7 },
  expiresAt: new Date('2027-08-31T00:00:00Z'),
  random: randomBytes,
  decoys: 2,
}

function issue(changes: Partial<CredentialOrder> = {}) {
  const text = issueSdJwtVc({ ...order, ...changes })
  const { issuerJwt, disclosures, keyBindingJwt } = parseSdJwt(text)
  return { text, disclosures: [...disclosures.values()], keyBindingJwt, ...issuerJwt }
}

function digestLists(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const own = '_sd' in value ? [value._sd as string[]] : []
  return [...own, ...Object.values(value).flatMap(digestLists)]
}

t.test('the school gets back what it put in, and the holder can show each claim alone', async (t) => {
  const { text } = issue()
  const found = verifyCredential(text)
  const { iss, vct, exp, cnf, status, ...rest } = found.claims
  t.same(rest, { ...claims.visible, ...claims.hidden, ...claims.hiddenMembers })
  t.same({ iss, vct, exp }, { iss: SCHOOL, vct: order.vct, exp: Date.UTC(2027, 7, 31) / 1000 })
  t.same(status, { status_list: order.status })
  t.ok(cnf)
  t.same(disclosedIn(found.root).length, 7)
})

t.test('the header names the type and brings the certificate', async (t) => {
  t.same(issue().header, { typ: 'dc+sd-jwt', alg: 'ES256', kid: schoolKey.kid, x5c: ['leaf'] })
  refused(t, 'missing_certificate', () => issue({ key: schoolKey }))
})

t.test("the key in the credential is the holder's, with public members only", async (t) => {
  const withMore = { ...exportSigningKey(holderKey), extra: 'x' }
  const { payload } = issue({ holderKey: withMore })
  const jwk = (payload['cnf'] as { jwk: { x: string; y: string } }).jwk
  t.same(Object.keys(jwk).sort(), ['crv', 'kty', 'x', 'y'])
  t.equal(thumbprint(jwk), thumbprint(importSigningKey(exportSigningKey(holderKey)).publicJwk))
  t.equal(payload['vct'], order.vct)
})

t.test('times are whole days, so that two copies do not show when they were made', async (t) => {
  const first = issue({ issuedAt: NOW, expiresAt: new Date('2027-08-31T10:00:00Z') }).payload
  const second = issue({
    issuedAt: new Date(NOW.getTime() + 5_000),
    expiresAt: new Date('2027-08-31T10:00:05Z'),
  }).payload
  t.equal(first['iat'], Date.UTC(2026, 10, 2) / 1000)
  t.equal(first['exp'], Date.UTC(2027, 7, 31) / 1000)
  t.same([second['iat'], second['exp']], [first['iat'], first['exp']])
  t.notOk('iat' in issue().payload, 'it may be left out')
})

t.test('what the verifier must see cannot be hidden', async (t) => {
  for (const name of ['iss', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'aka_vcts', 'status']) {
    refused(t, 'protected_claim', () => issue({ claims: { ...claims, hidden: { [name]: 1 } } }), name)
    refused(t, 'protected_claim', () => issue({ claims: { ...claims, hiddenMembers: { [name]: { a: 1 } } } }), name)
    refused(t, 'protected_claim', () => issue({ claims: { ...claims, visible: { [name]: 1 } } }), `visible ${name}`)
  }
  const names = issue().disclosures.map(({ name }) => name)
  t.same(names.sort(), ['12', '13', 'given_name', 'https://a.example', 'languages', 'sector', 'year_group'])
})

t.test('no key binding, a last tilde, and digests of nothing but these disclosures and decoys', async (t) => {
  const { text, payload, disclosures, keyBindingJwt } = issue()
  t.ok(text.endsWith('~'))
  t.equal(keyBindingJwt, undefined)
  const lists = digestLists(payload)
  t.same(lists.map((list) => list.length).sort(), [1 + 2, 2 + 2, 4 + 2])
  const digests = lists.flat()
  t.equal(new Set(digests).size, digests.length, 'no digest stands there twice')
  for (const { text: one } of disclosures) t.ok(digests.includes(digestOf(one)))
  for (const list of lists) t.same(list, [...list].sort(), 'the order says nothing')
})

t.test('salts have 128 bits and are never used again', async (t) => {
  const salts = Array.from({ length: 20 }, () => issue())
    .flatMap(({ disclosures }) => disclosures)
    .map(({ text }) => (JSON.parse(Buffer.from(text, 'base64url').toString()) as string[])[0] as string)
  t.equal(new Set(salts).size, 20 * 7)
  for (const salt of salts) t.equal(Buffer.from(salt, 'base64url').length, 16)
})

t.test('where nothing is hidden there is no trace of hiding', async (t) => {
  const { payload, disclosures } = issue({ claims: { ...claims, hidden: {}, hiddenMembers: { pseudonyms: {} } } })
  t.same(disclosures, [])
  t.notOk('_sd' in payload || '_sd_alg' in payload || 'pseudonyms' in payload)
})

t.test('a plan that would make an invalid credential is refused before it is signed', async (t) => {
  const plan = (changes: Partial<DisclosurePlan>) => () => issue({ claims: { ...claims, ...changes } })
  refused(t, 'claim_already_present', plan({ hidden: { enrolled: false } }))
  refused(t, 'claim_already_present', plan({ hiddenMembers: { year_group: { a: 1 } } }))
  for (const name of ['_sd', '...', '_sd_alg', 'constructor']) {
    refused(t, 'reserved_claim_name', plan({ hidden: { [name]: 1 } }), name)
    refused(t, 'reserved_claim_name', plan({ visible: { a: [{ [name]: 1 }] } }), `inside, ${name}`)
    refused(t, 'reserved_claim_name', plan({ hiddenMembers: { a: { [name]: 1 } } }), `member ${name}`)
  }
  const proto = JSON.parse('{"__proto__": 1}') as JsonObject
  refused(t, 'reserved_claim_name', plan({ hidden: proto }))
  refused(t, 'protected_claim', plan({ hidden: { iat: 1 } }))
})
