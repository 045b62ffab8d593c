import t from 'tap'
import { forge, refused } from '../test/forge-credential.ts'
import { parseSdJwt, SD_JWT_LIMITS } from './parse-sd-jwt.ts'

const parse = (text: string) => parseSdJwt(text, SD_JWT_LIMITS)
const JWT = 'a.b.c'

t.test('SJ-01: a credential is taken apart at its tildes', async (t) => {
  t.same(parse(`${JWT}~`), { issuerJwt: JWT, disclosures: [], keyBindingJwt: undefined, boundText: `${JWT}~` })
  t.same(parse(`${JWT}~d1~d2~d.e.f`), {
    issuerJwt: JWT,
    disclosures: ['d1', 'd2'],
    keyBindingJwt: 'd.e.f',
    boundText: `${JWT}~d1~d2~`,
  })
})

t.test('SJ-01: whatever is not exactly that form is refused', async (t) => {
  const wrong = {
    'nothing at all': '',
    'a bare JWT without the last tilde': JWT,
    'a disclosure without the last tilde': `${JWT}~d1`,
    'an empty middle part': `${JWT}~d1~~d2~`,
    'two tildes at the end': `${JWT}~~`,
    'padding in a disclosure': `${JWT}~d1==~`,
    'a space before': ` ${JWT}~`,
    'a newline after': `${JWT}~\n`,
    'a newline inside a disclosure': `${JWT}~d\n1~`,
    'standard base64': `${JWT}~d+/1~`,
    'a JWT of two parts': 'a.b~',
    'a JWT of five parts': 'a.b.c.d.e~',
    'an empty signature': 'a.b.~',
    'a disclosure that is a JWT in the middle': `${JWT}~a.b.c~`,
  }
  for (const [what, text] of Object.entries(wrong)) refused(t, 'not_an_sd_jwt', () => parse(text), what)
})

t.test('SJ-21: the JSON serialization is refused by its name', async (t) => {
  refused(t, 'json_serialization', () => parse('{"payload":"","signature":"","header":{"disclosures":[]}}'))
})

t.test('SJ-21: what is too large is refused before it is read', async (t) => {
  refused(t, 'too_large', () => parse(`${JWT}~${'a'.repeat(70_000)}~`))
  t.equal(parse(`${JWT}~${'d~'.repeat(256)}`).disclosures.length, 256)
  refused(t, 'too_many_disclosures', () => parse(`${JWT}~${'d~'.repeat(257)}`))
  refused(t, 'too_many_disclosures', () => parse(`${JWT}~${'d~'.repeat(257)}${JWT}`))
  refused(t, 'too_large', () => parse(forge({}, Array(100_000).fill('WyJhIiwiYiJd'))))
})
