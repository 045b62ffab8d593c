import t from 'tap'
import {
  APP,
  bind,
  bindingPolicy,
  digestOf,
  disclosedIn,
  disclosure,
  forge,
  holderKey,
  NOW,
  refused,
  verifyBinding,
  verifyCredential,
} from '../test/forge-credential.ts'
import { type PresentationOrder, presentSdJwtVc } from './present-sd-jwt-vc.ts'

const year = disclosure(['s1', 'year_group', 7])
const mine = disclosure(['s2', 'https://a.example', 'p1'])
const other = disclosure(['s3', 'https://b.example', 'p2'])
const street = disclosure(['s4', 'street', 'Dorpsstraat'])
const town = disclosure(['s5', 'town', 'Zeist'])
const address = disclosure(['s6', 'address', { _sd: [digestOf(street), digestOf(town)] }])
const credential = forge(
  {
    payload: {
      _sd: [digestOf(year), digestOf(address)],
      pseudonyms: { _sd: [digestOf(mine), digestOf(other)] },
    },
  },
  [year, mine, other, street, town, address],
)

function present(disclose: PresentationOrder['disclose'], from = credential): string {
  return presentSdJwtVc(from, { disclose, nonce: bindingPolicy.nonce, audience: APP, holderKey, now: NOW })
}

function shown(disclose: PresentationOrder['disclose']) {
  const text = present(disclose)
  t.ok(verifyBinding(text))
  return disclosedIn(verifyCredential(text).root).map(({ path }) => path)
}

t.test('the wallet shows what was asked and what that is nested in, and nothing else', async (t) => {
  t.same(shown([]), [])
  t.same(shown([['year_group']]), [['year_group']])
  t.same(shown([['pseudonyms', 'https://a.example']]), [['pseudonyms', 'https://a.example']])
  t.same(shown([['address', 'street']]), [['address'], ['address', 'street']])
  t.same(shown([['address']]), [['address'], ['address', 'street'], ['address', 'town']])
  t.same(shown([['vct']]), [], 'what is visible needs no disclosure')
})

t.test('what the credential does not have cannot be shown', async (t) => {
  refused(t, 'unknown_claim', () => present([['given_name']]))
  refused(t, 'unknown_claim', () => present([['address', 'country']]))
  refused(t, 'unknown_claim', () => present([['year_group', 'x']]))
})

t.test('what was presented by another is not a credential', async (t) => {
  refused(t, 'not_an_sd_jwt', () => present([], bind(credential)))
})
