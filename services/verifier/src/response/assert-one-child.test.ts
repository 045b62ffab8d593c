import { ProtocolError } from '@samen/errors'
import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { assertOneChild } from './assert-one-child.ts'

const APP = 'https://verifier.example/apps/rekenrijk'
const shows = (pseudonym?: string) => ({
  issuer: 'https://issuer.example/schools/a',
  vct: 'urn:samen:credential:pupil:1',
  claims: pseudonym === undefined ? {} : { pseudonyms: { [APP]: pseudonym } },
  holderKey: generateSigningKey().publicJwk,
})

t.test('credentials of one child, the one whose consent was looked up, are accepted', async (t) => {
  t.doesNotThrow(() => assertOneChild({ pupil: shows('sterre') }, APP, 'sterre'))
  t.doesNotThrow(() => assertOneChild({ pupil: shows('sterre'), other: shows('sterre') }, APP, 'sterre'))
})

t.test('credentials of two children of one family are refused together', async (t) => {
  t.throws(() => assertOneChild({ pupil: shows('sterre'), other: shows('broertje') }, APP, 'sterre'), ProtocolError)
  t.throws(() => assertOneChild({ pupil: shows('sterre'), other: shows() }, APP, 'sterre'), ProtocolError)
})

t.test('a child other than the one whose consent was looked up is refused, and so is nobody', async (t) => {
  t.throws(() => assertOneChild({ pupil: shows('broertje') }, APP, 'sterre'), ProtocolError)
  t.throws(() => assertOneChild({ pupil: shows('') }, APP, ''), ProtocolError)
  t.throws(() => assertOneChild({}, APP, 'sterre'), ProtocolError)
  t.throws(
    () => assertOneChild({ pupil: shows('sterre') }, 'https://verifier.example/apps/leesvonk', 'sterre'),
    ProtocolError,
  )
})
