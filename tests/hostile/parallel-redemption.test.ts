import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { CHILD } from '../../scripts/story/cast.ts'
import { startNetwork } from '../network.ts'
import { countByStatus, makeOffer, postToken } from '../raw-wallet.ts'

t.test('of twenty wallets that redeem one code at the same moment exactly one gets in', async (t) => {
  const story = await startNetwork(t, 'roster')
  const offer = await makeOffer(story, CHILD)
  const answers = await Promise.all(Array.from({ length: 20 }, () => postToken(offer, { key: generateSigningKey() })))
  t.same(countByStatus(answers), { 200: 1, 400: 19 })
  for (const { status, body } of answers) if (status === 400) t.equal(body.error, 'invalid_grant')
})
