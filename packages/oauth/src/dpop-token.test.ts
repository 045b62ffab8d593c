import t from 'tap'
import { invalidToken, readDpopToken } from './oauth.ts'

t.test('a token comes with the scheme of DPoP', async (t) => {
  t.equal(
    readDpopToken('DPoP Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'),
    'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU',
  )
  t.equal(readDpopToken('dpop abc=='), 'abc==', 'the name of a scheme has no capitals that count')
})

t.test('a token sent as Bearer is refused, and the answer says how to do it', async (t) => {
  const expected = {
    name: 'ProtocolError',
    status: 401,
    code: 'invalid_token',
    headers: { 'www-authenticate': /^DPoP algs="ES256", error="invalid_token", error_description="[a-z ]+"$/ },
  }
  for (const wrong of [
    'Bearer abc',
    'DPoP',
    'DPoP ',
    'DPoP  abc',
    'DPoP abc def',
    'DPoP a"b',
    'abc',
    '',
    'Basic YTpi',
  ]) {
    t.throws(() => readDpopToken(wrong), expected, wrong)
  }
  t.throws(() => readDpopToken(`DPoP ${'a'.repeat(1025)}`), expected, 'longer than any token')
  t.match(invalidToken('why'), { ...expected, cause: 'why' })
})
