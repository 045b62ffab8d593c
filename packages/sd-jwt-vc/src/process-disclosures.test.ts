import { readFileSync } from 'node:fs'
import type { JsonObject } from '@samen/strict-json'
import t from 'tap'
import { digestOf, disclosedIn, disclosure, refused } from '../test/forge-credential.ts'
import { readDisclosure } from './disclosure.ts'
import { processDisclosures } from './process-disclosures.ts'

const SALT = 'eluV5Og3gSNII8EYnsxA_A'

/** What comes out for these disclosures: the processed payload, and the places of what was hidden and sent. */
function place(payload: JsonObject, texts: readonly string[]) {
  const disclosures = texts.map(readDisclosure)
  const root = processDisclosures(payload, new Map(disclosures.map((one) => [one.digest, one])))
  return { claims: root.value, disclosed: disclosedIn(root) }
}
const decoy = (name: string) => digestOf(`decoy ${name}`)

t.test('what is disclosed comes into its place and what is not leaves no trace', async (t) => {
  const group = disclosure([SALT, 'group_label', '7b'])
  const year = disclosure([SALT, 'year_group', 7])
  const payload = {
    _sd_alg: 'sha-256',
    enrolled: true,
    _sd: [digestOf(group), decoy('1'), digestOf(year)].sort(),
    age_equal_or_over: { _sd: [decoy('2')] },
  }
  t.same(place(payload, [year]), {
    claims: { enrolled: true, age_equal_or_over: {}, year_group: 7 },
    disclosed: [{ path: ['year_group'], disclosure: year }],
  })
})

t.test('decoys and hidden elements vanish from arrays, and the place of a shown one is still known', async (t) => {
  const french = disclosure([SALT, 'FR'])
  const nested = disclosure([SALT, ['a', { '...': decoy('3') }]])
  const languages = ['NL', { '...': decoy('1') }, { '...': digestOf(french) }, { '...': digestOf(nested) }, 'US']
  t.same(place({ languages }, [french, nested]), {
    claims: { languages: ['NL', 'FR', ['a'], 'US'] },
    disclosed: [
      { path: ['languages', 2], disclosure: french },
      { path: ['languages', 3], disclosure: nested },
    ],
  })
})

t.test('a disclosure inside a disclosure is found, in objects and in arrays', async (t) => {
  const street = disclosure([SALT, 'street', 'Dorpsstraat'])
  const house = disclosure([SALT, { number: 1, _sd: [digestOf(street)] }])
  const address = disclosure([SALT, 'address', { houses: [{ '...': digestOf(house) }], _sd: [decoy('x')] }])
  t.same(place({ _sd: [digestOf(address)] }, [street, address, house]), {
    claims: { address: { houses: [{ number: 1, street: 'Dorpsstraat' }] } },
    disclosed: [
      { path: ['address'], disclosure: address },
      { path: ['address', 'houses', 0], disclosure: house },
      { path: ['address', 'houses', 0, 'street'], disclosure: street },
    ],
  })
})

t.test('SHA-256 is the default and the only hash', async (t) => {
  t.same(place({ a: 1 }, []).claims, { a: 1 })
  t.same(place({ a: 1, _sd_alg: 'sha-256' }, []).claims, { a: 1 })
  for (const name of ['md5', 'sha-512', 'SHA-256', '', null, ['sha-256']]) {
    refused(t, 'unknown_hash_algorithm', () => place({ _sd_alg: name }, []))
  }
  const inside = disclosure([SALT, 'a', { _sd_alg: 'sha-256' }])
  refused(t, 'reserved_claim_name', () => place({ a: { _sd_alg: 'sha-256' } }, []))
  refused(t, 'reserved_claim_name', () => place({ _sd: [digestOf(inside)] }, [inside]))
})

t.test('a disclosure has the form of its place', async (t) => {
  const inObject = (content: unknown) => {
    const text = typeof content === 'string' ? content : disclosure(content)
    return () => place({ _sd: [digestOf(text)] }, [text])
  }
  const inArray = (content: unknown) => {
    const text = disclosure(content)
    return () => place({ a: [{ '...': digestOf(text) }] }, [text])
  }
  t.same(inObject([SALT, 'a', 1])().claims, { a: 1 })
  t.same(inArray([SALT, 1])().claims, { a: [1] })
  for (const content of [[SALT, 1], [SALT], [], [SALT, 'a', 1, 2], [1, 'a', 1], [SALT, 2, 1], { a: 1 }, 'salt', null]) {
    const text = typeof content === 'string' ? disclosure(content) : content
    refused(t, 'malformed_disclosure', inObject(text), `object: ${JSON.stringify(content)}`)
  }
  for (const content of [[SALT, 'a', 1], [SALT], [null, 1]]) {
    refused(t, 'malformed_disclosure', inArray(content), `array: ${JSON.stringify(content)}`)
  }
  const raw = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64url')
  refused(t, 'malformed_disclosure', inObject(raw('["salt","a",1')), 'broken JSON')
  refused(t, 'malformed_disclosure', inObject(raw('["salt","a",{"b":1,"b":2}]')), 'a duplicate member')
  refused(
    t,
    'malformed_disclosure',
    inObject(raw(Buffer.from('["salt","a","\xf0\x9f\x98"]', 'latin1'))),
    'broken UTF-8',
  )
  // The last character of this text carries two bits that nobody reads.
  const text = disclosure([SALT, 'a', 1])
  const oddBits = `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) + 1)}`
  t.same(Buffer.from(oddBits, 'base64url'), Buffer.from(text, 'base64url'))
  refused(t, 'malformed_disclosure', inObject(oddBits), 'a second spelling of the same bytes')
})

t.test('a disclosure cannot take a name that is taken or has a meaning', async (t) => {
  const take = (name: string, payload = {}) => {
    const text = disclosure([SALT, name, 'forged'])
    return () => place({ ...payload, _sd: [digestOf(text)] }, [text])
  }
  refused(t, 'reserved_claim_name', take('_sd'))
  refused(t, 'reserved_claim_name', take('...'))
  refused(t, 'reserved_claim_name', take('_sd_alg'))
  refused(t, 'claim_already_present', take('enrolled', { enrolled: false }))
  const first = disclosure([SALT, 'a', 1])
  const second = disclosure(['another salt', 'a', 2])
  refused(t, 'claim_already_present', () => place({ _sd: [digestOf(first), digestOf(second)] }, [first, second]))
  for (const name of ['__proto__', 'constructor', 'prototype']) refused(t, 'reserved_claim_name', take(name))
  t.equal(({} as { forged?: string }).forged, undefined)
})

t.test('a digest that stands in two places refuses the whole', async (t) => {
  const text = disclosure([SALT, 'a', 1])
  const element = disclosure([SALT, 1])
  const d = digestOf(text)
  const twice = {
    'shown, in one list': { _sd: [d, d] },
    'shown, at two levels': { _sd: [d], inner: { _sd: [d] } },
    'in an object and an array': { _sd: [d], list: [{ '...': d }] },
    'twice in arrays': { list: [{ '...': decoy('1') }, { '...': decoy('1') }] },
    'a decoy at two levels': { _sd: [decoy('1')], inner: { _sd: [decoy('1')] } },
  }
  for (const [what, payload] of Object.entries(twice)) {
    refused(t, 'duplicate_digest', () => place(payload, what.startsWith('shown') ? [text] : []), what)
  }
  const nested = disclosure([SALT, 'b', { list: [{ '...': digestOf(element) }] }])
  const payload = { _sd: [digestOf(nested)], list: [{ '...': digestOf(element) }] }
  refused(t, 'duplicate_digest', () => place(payload, [nested, element]), 'inside a disclosure')
})

t.test('a disclosure without a place, or sent twice, refuses the whole', async (t) => {
  const text = disclosure([SALT, 'a', 1])
  const stray = disclosure([SALT, 'given_name', 'Mallory'])
  const child = disclosure([SALT, 'street', 'Dorpsstraat'])
  const parent = disclosure([SALT, 'address', { _sd: [digestOf(child)] }])
  const payload = { _sd: [digestOf(text), digestOf(parent)] }
  refused(t, 'unreferenced_disclosure', () => place(payload, [text, stray]))
  refused(t, 'unreferenced_disclosure', () => place(payload, [text, child]), 'a child without its parent')
})

t.test('a malformed list of digests refuses the whole', async (t) => {
  for (const _sd of ['text', null, {}, [1], [null], [['a']]]) {
    refused(t, 'malformed_digest', () => place({ _sd }, []), JSON.stringify(_sd))
  }
  refused(t, 'malformed_digest', () => place({ a: [{ '...': 1 }] }, []))
  refused(t, 'reserved_claim_name', () => place({ a: [{ '...': decoy('1'), b: 1 }] }, []))
  refused(t, 'reserved_claim_name', () => place({ '...': decoy('1') }, []))
})

t.test('nobody can hide or add issuer, type, expiry, key or status', async (t) => {
  for (const name of ['iss', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'aka_vcts', 'status']) {
    const text = disclosure([SALT, name, 1])
    refused(t, 'protected_claim', () => place({ _sd: [digestOf(text)] }, [text]), name)
    refused(t, 'protected_claim', () => place({ [name]: { _sd: [decoy('1')] } }, []), `in ${name}`)
    refused(t, 'protected_claim', () => place({ [name]: { a: [{ '...': decoy('1') }] } }, []), `below ${name}`)
  }
  const deeper = disclosure([SALT, 'exp', 1])
  t.same(place({ pass: { _sd: [digestOf(deeper)] } }, [deeper]).claims, { pass: { exp: 1 } })
})

t.test('the digest is over the text as sent, and any spelling of the JSON is read', async (t) => {
  const spellings = [
    '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]',
    '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "M\\u00f6bius"]',
    '["_26bc4LT-ac6q2KI6cBW5es","family_name","Möbius"]',
    '[\n"_26bc4LT-ac6q2KI6cBW5es",\n"family_name",\n"Möbius"\n]',
  ].map((json) => Buffer.from(json).toString('base64url'))
  t.equal(new Set(spellings.map(digestOf)).size, 4)
  for (const text of spellings) {
    t.same(place({ _sd: [digestOf(text)] }, [text]).claims, { family_name: 'Möbius' })
  }
})

t.test('the disclosures of RFC 9901 get the digests of RFC 9901', async (t) => {
  const file = new URL('../../../tests/vectors/SDJ/disclosures.json', import.meta.url)
  const { disclosures } = JSON.parse(readFileSync(file, 'utf8')) as { disclosures: { json: string; digest: string }[] }
  const [name, element] = disclosures.map(({ json }) => Buffer.from(json).toString('base64url')) as [string, string]
  const [nameDigest, elementDigest] = disclosures.map(({ digest }) => digest)
  const payload = { _sd: [nameDigest as string], nationalities: ['DE', { '...': elementDigest as string }, 'US'] }
  t.same(place(payload, [name, element]).claims, {
    family_name: 'Möbius',
    nationalities: ['DE', 'FR', 'US'],
  })
})

t.test('disclosures nested in disclosures do not lead past the depth that is read', async (t) => {
  const chain: string[] = []
  let inner = disclosure([SALT, 'end', 1])
  chain.push(inner)
  for (let i = 0; i < 31; i++) {
    inner = disclosure([SALT, 'next', { _sd: [digestOf(inner)] }])
    chain.push(inner)
  }
  t.ok(place({ _sd: [digestOf(inner)] }, chain))
  const onePast = disclosure([SALT, 'next', { _sd: [digestOf(inner)] }])
  refused(t, 'too_deep', () => place({ _sd: [digestOf(onePast)] }, [...chain, onePast]))
})
