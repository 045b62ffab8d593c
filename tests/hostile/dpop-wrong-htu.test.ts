import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { CHILD, SCHOOLS } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import { startNetwork } from '../network.ts'
import { makeOffer, postToken } from '../raw-wallet.ts'

t.test('a proof of possession for another place, method or time is refused, and costs the offer nothing', async (t) => {
  const story = await startNetwork(t, 'roster')
  const offer = await makeOffer(story, CHILD)
  const key = generateSigningKey()
  const elsewhere = tenant(story, SCHOOLS[1].slug).entityId
  const wrong = [
    { htu: `${elsewhere}/token` },
    { htu: `${offer.issuer}/credential` },
    { htm: 'GET' },
    { now: new Date(Date.now() - 3_600_000) },
    { now: new Date(Date.now() + 3_600_000) },
  ]
  for (const changes of wrong) {
    const { status, body } = await postToken(offer, { key, changes })
    t.equal(status, 400)
    t.equal(body.error, 'invalid_dpop_proof')
  }
  t.equal((await postToken(offer, { key })).status, 200, 'the offer is still whole')
})
