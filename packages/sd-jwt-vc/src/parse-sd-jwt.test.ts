import { decodeJwt } from '@samen/jwt-profile'
import t from 'tap'
import { bind, digestOf, disclosure, forge, refused } from '../test/forge-credential.ts'
import { parseSdJwt as parse } from './parse-sd-jwt.ts'
import type { SdJwtErrorCode } from './sd-jwt-error.ts'

const JWT = forge({}).slice(0, -1)
const year = disclosure(['s1', 'year_group', 7])
const element = disclosure(['s2', 'NL'])
const many = (count: number) => Array.from({ length: count }, (_, i) => `${disclosure([`${i}`, 'a', 1])}~`).join('')

t.test('a credential is taken apart at its tildes, and each part is read once', async (t) => {
  const bare = parse(`${JWT}~`)
  t.same(bare.issuerJwt, decodeJwt(JWT, { maxBytes: 65_536 }))
  t.equal(bare.disclosures.size, 0)
  t.equal(bare.keyBindingJwt, undefined)
  t.equal(bare.boundText, `${JWT}~`)
  const signed = `${JWT}~${year}~${element}~`
  const whole = parse(bind(signed))
  t.same(
    [...whole.disclosures],
    [
      [digestOf(year), { text: year, digest: digestOf(year), name: 'year_group', value: 7 }],
      [digestOf(element), { text: element, digest: digestOf(element), name: undefined, value: 'NL' }],
    ],
  )
  t.equal(whole.keyBindingJwt?.payload['sd_hash'], digestOf(signed))
  t.equal(whole.boundText, signed)
})

t.test('whatever is not exactly that form is refused', async (t) => {
  const wrong: Record<string, [SdJwtErrorCode, string]> = {
    'nothing at all': ['not_an_sd_jwt', ''],
    'a bare JWT without the last tilde': ['not_an_sd_jwt', JWT],
    'a disclosure without the last tilde': ['key_binding_malformed', `${JWT}~${year}`],
    'an empty middle part': ['malformed_disclosure', `${JWT}~${year}~~${element}~`],
    'two tildes at the end': ['malformed_disclosure', `${JWT}~~`],
    'padding in a disclosure': ['malformed_disclosure', `${JWT}~${year}==~`],
    'a space before': ['malformed', ` ${JWT}~`],
    'a newline after': ['key_binding_malformed', `${JWT}~\n`],
    'a newline inside a disclosure': ['malformed_disclosure', `${JWT}~W\nyJ~`],
    'standard base64': ['malformed_disclosure', `${JWT}~W+/yJ~`],
    'a JWT of two parts': ['malformed', 'a.b~'],
    'a JWT of five parts': ['malformed', `${JWT}.d.e~`],
    'a JWT of nothing': ['malformed', '..~'],
    'a disclosure that is a JWT in the middle': ['malformed_disclosure', `${JWT}~${JWT}~`],
    'a disclosure that is no JSON': ['malformed_disclosure', `${JWT}~d1~`],
    'a disclosure that is sent twice': ['duplicate_disclosure', `${JWT}~${year}~${year}~`],
  }
  for (const [what, [code, text]] of Object.entries(wrong)) refused(t, code, () => parse(text), what)
})

t.test('the JSON serialization is refused by its name', async (t) => {
  refused(t, 'json_serialization', () => parse('{"payload":"","signature":"","header":{"disclosures":[]}}'))
})

t.test('what is too large is refused before it is read', async (t) => {
  refused(t, 'too_large', () => parse(`${JWT}~${'a'.repeat(70_000)}~`))
  t.equal(parse(`${JWT}~${many(256)}`).disclosures.size, 256)
  refused(t, 'too_many_disclosures', () => parse(`${JWT}~${many(257)}`))
  refused(t, 'too_many_disclosures', () => parse(`${JWT}~${many(257)}${JWT}`))
  refused(t, 'too_large', () => parse(forge({}, Array(100_000).fill('WyJhIiwiYiJd'))))
})
