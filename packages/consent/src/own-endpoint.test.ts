import t from 'tap'
import { ownEndpoint } from './own-endpoint.ts'

const APP = 'https://verifier.example/apps/rekenrijk'

t.test('an address below the member is its own', async (t) => {
  t.equal(ownEndpoint(APP, `${APP}/receipts`), `${APP}/receipts`)
  t.equal(ownEndpoint('https://registry.example', 'https://registry.example/x/'), 'https://registry.example/x/')
})

for (const [name, value] of Object.entries({
  'of another host': 'https://victim.example/receipts',
  'of a host whose name begins alike': 'https://registry.example.evil/x',
  'of a neighbour on the same host': 'https://verifier.example/apps/leesvonk/receipts',
  'that leads to the neighbour by dots': `${APP}/../leesvonk/receipts`,
  'with another port': 'https://verifier.example:8443/apps/rekenrijk/receipts',
  'with credentials': 'https://verifier.example@evil.example/apps/rekenrijk/receipts',
  'that is a script': 'javascript:alert(1)',
  'that is no text': 7,
  'that is missing': undefined,
})) {
  t.test(`an address ${name} is not`, async (t) => {
    t.throws(() => ownEndpoint(APP, value), { code: 'wrong_entity_type' })
  })
}
