import { canonicalJson } from '@samen/strict-json'
import t from 'tap'
import { FACTS, isFactName } from './facts.ts'
import { readPublishedPurpose } from './published-purpose.ts'
import { type Purpose, purposeHash, readPurpose } from './purpose.ts'
import { purposeUri, splitPurposeUri } from './purpose-uri.ts'

const both = (text: string) => ({ nl: text, en: text })
const PURPOSE: Purpose = {
  id: 'q8Xz3m0bQkWcB1o2V9yT5g',
  version: 3,
  title: both('Rekenen op eigen niveau'),
  why: both('Om sommen te kiezen die passen.'),
  claims: [{ fact: 'year_group', why: both('Om het niveau te kiezen.') }],
  legal_basis: 'consent',
  retention: 'P1Y',
  valid_until: '2027-07-31',
}

const refusal = { status: 400, code: 'invalid_request' }

t.test('a purpose with everything that a parent must know is read as it is', async (t) => {
  t.same(readPurpose(structuredClone(PURPOSE)), PURPOSE)
})

t.test('a purpose that leaves something out, or says more than a page shows, is refused', async (t) => {
  for (const name of Object.keys(PURPOSE)) {
    const { [name as 'id']: _left, ...rest } = PURPOSE
    t.throws(() => readPurpose(rest), refusal, `without ${name}`)
  }
  t.throws(() => readPurpose({ ...PURPOSE, marketing: true }), refusal)
  t.throws(() => readPurpose({ ...PURPOSE, title: { nl: 'alleen Nederlands' } }), refusal)
  t.throws(() => readPurpose({ ...PURPOSE, claims: [{ ...PURPOSE.claims[0], also: 'bsn' }] }), refusal)
})

t.test('a purpose can ask nothing that is not in the catalogue, and nothing twice', async (t) => {
  for (const fact of ['bsn', 'birth_date', 'religion', 'constructor', '__proto__', 'Year_Group']) {
    t.throws(() => readPurpose({ ...PURPOSE, claims: [{ fact, why: both('x') }] }), refusal, fact)
  }
  t.throws(() => readPurpose({ ...PURPOSE, claims: [PURPOSE.claims[0], PURPOSE.claims[0]] }), refusal)
  t.throws(() => readPurpose({ ...PURPOSE, claims: [] }), refusal)
})

t.test('text that shows another sentence than it says is refused', async (t) => {
  for (const text of ['ok\u202egnp', 'a\u200bb', 'a\u0000b', 'a\nb', '\u2066x', ' x', 'x ', '', 'a\u00adb']) {
    t.throws(() => readPurpose({ ...PURPOSE, why: both(text) }), refusal, JSON.stringify(text))
  }
  t.ok(readPurpose({ ...PURPOSE, why: both('Één reden: “precies” dít, 100% zeker – écht.') }))
})

t.test('days and times that do not exist are refused', async (t) => {
  for (const day of ['2027-02-30', '2027-13-01', '31-07-2027', '2027-7-31', '2027-07-31T00:00:00Z', '']) {
    t.throws(() => readPurpose({ ...PURPOSE, valid_until: day }), refusal, day)
  }
  for (const retention of ['1 jaar', 'P', 'P0Y', 'PT1H', 'P1Y1M', 'forever']) {
    t.throws(() => readPurpose({ ...PURPOSE, retention }), refusal, retention)
  }
})

t.test('a refusal names the member and never its value', async (t) => {
  try {
    readPurpose({ ...PURPOSE, legal_basis: 'CANARY' })
    t.fail('it was read')
  } catch (error) {
    t.match((error as Error).message, 'purpose/legal_basis')
    t.notMatch(JSON.stringify({ ...(error as Error), message: (error as Error).message }), 'CANARY')
  }
})

t.test('the hash is over the meaning: the order of members does not matter, every word does', async (t) => {
  const reordered = Object.fromEntries(Object.entries(PURPOSE).reverse()) as Purpose
  t.equal(purposeHash(reordered), purposeHash(PURPOSE))
  t.equal(purposeHash(PURPOSE), 'Cl9wub-SlpOXkFDY68s0RZOK9JX8i05grhyVWyid7dI', 'as another language computes it')
  t.not(purposeHash({ ...PURPOSE, retention: 'P2Y' }), purposeHash(PURPOSE))
  t.ok(canonicalJson(PURPOSE).startsWith('{"claims"'))
})

t.test('a published purpose whose hash is wrong is refused', async (t) => {
  const published = {
    registry: 'https://registry.example',
    app: 'https://verifier.example/apps/rekenen',
    app_name: 'Rekenen',
    purpose: PURPOSE,
    purpose_hash: purposeHash(PURPOSE),
  }
  t.same(readPublishedPurpose(structuredClone(published)), published)
  t.throws(() => readPublishedPurpose({ ...published, purpose: { ...PURPOSE, version: 4 } }), refusal)
  t.throws(() => readPublishedPurpose({ ...published, purpose_hash: 'x' }), refusal)
})

t.test('the address of a purpose comes apart into what it was made of, and nothing else does', async (t) => {
  const uri = purposeUri('https://registry.example/path', PURPOSE.id, 3)
  t.same(splitPurposeUri(uri), { registry: 'https://registry.example/path', id: PURPOSE.id, version: 3 })
  for (const bad of [
    `${uri}/x`,
    `${uri}?a`,
    uri.replace('/3', '/0'),
    'javascript:x/purposes/a/1',
    'ftp://x/purposes/a/1',
  ]) {
    t.throws(() => splitPurposeUri(bad), refusal, bad)
  }
})

t.test(
  'every fact has a label in both languages and a path, and no fact identifies a pupil beyond its name',
  async (t) => {
    for (const [name, { label, path }] of Object.entries(FACTS)) {
      t.ok(isFactName(name))
      t.ok(label.nl.length > 3 && label.en.length > 3 && path.length > 0, name)
      t.notMatch(name, /bsn|birth|address|religion|origin|diagnosis/)
    }
    t.same(FACTS.age_over_12.path, ['age_equal_or_over', '12'])
    t.equal(isFactName('toString'), false)
  },
)
