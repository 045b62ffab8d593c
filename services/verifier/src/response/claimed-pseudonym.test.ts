import t from 'tap'
import { claimedPseudonym } from './claimed-pseudonym.ts'

const APP = 'https://verifier.example/apps/rekenrijk'
const disclosure = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')
const answer = (...disclosures: string[]) => ({ pupil: [['jwt', ...disclosures, 'kb'].join('~')] })

t.test('the pseudonym that an answer claims to show is found among its disclosures', async (t) => {
  t.equal(claimedPseudonym(answer(disclosure('s', 'year_group', 7), disclosure('s', APP, 'p')), APP), 'p')
})

t.test('an answer without one, or with rubbish, claims none', async (t) => {
  t.equal(claimedPseudonym(answer(disclosure('s', 'https://other.example', 'p')), APP), undefined)
  t.equal(claimedPseudonym(answer(disclosure('s', APP, { p: 1 })), APP), undefined)
  t.equal(claimedPseudonym(answer(disclosure('s', APP, 'p'.repeat(300))), APP), undefined)
  t.equal(claimedPseudonym(answer('%%%', '', disclosure({ [APP]: 'p' })), APP), undefined)
  t.equal(claimedPseudonym({ pupil: 7, other: [null, [APP]] }, APP), undefined)
  t.equal(claimedPseudonym({}, APP), undefined)
})
