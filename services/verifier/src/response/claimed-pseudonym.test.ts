import { generateSigningKey, signJwt } from '@samen/jwt-profile'
import { type DcqlQuery, parseVpToken } from '@samen/openid4vp'
import t from 'tap'
import { claimedPseudonym } from './claimed-pseudonym.ts'

const APP = 'https://verifier.example/apps/rekenrijk'
const key = generateSigningKey()
const query: DcqlQuery = { credentials: [{ id: 'pupil', format: 'dc+sd-jwt', meta: { vct_values: ['urn:x'] } }] }
const jwt = signJwt(key, { typ: 'dc+sd-jwt' }, {})
const disclosure = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')
const answer = (...disclosures: string[]) => parseVpToken({ pupil: [[jwt, ...disclosures, jwt].join('~')] }, query)

t.test('the pseudonym that an answer claims to show is found among its disclosures', async (t) => {
  t.equal(claimedPseudonym(answer(disclosure('s', 'year_group', 7), disclosure('s', APP, 'p')), APP), 'p')
})

t.test('an answer without one claims none', async (t) => {
  t.equal(claimedPseudonym(answer(), APP), undefined)
  t.equal(claimedPseudonym(answer(disclosure('s', 'https://other.example', 'p')), APP), undefined)
  t.equal(claimedPseudonym(answer(disclosure('s', APP, { p: 1 })), APP), undefined)
  t.equal(claimedPseudonym(answer(disclosure('s', APP, 'p'.repeat(300))), APP), undefined)
  t.equal(claimedPseudonym(answer(disclosure('s', APP)), APP), undefined, 'an element of an array')
})
