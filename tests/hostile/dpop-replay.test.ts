import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { CHILD } from '../../scripts/story/cast.ts'
import { startNetwork } from '../network.ts'
import { dpopFor, fetchNonce, keyProof, makeOffer, postCredential, redeem } from '../raw-wallet.ts'

t.test('a proof of possession that somebody overheard opens nothing a second time', async (t) => {
  const story = await startNetwork(t, 'roster')
  const access = await redeem(await makeOffer(story, CHILD))
  const order = async () => {
    const nonce = await fetchNonce(access.issuer)
    return {
      credential_configuration_id: 'pupil',
      proofs: { jwt: [keyProof(generateSigningKey(), { issuer: access.issuer, nonce })] },
    }
  }
  const htu = `${access.issuer}/credential`
  const overheard = dpopFor(access.key, { htm: 'POST', htu, accessToken: access.token })
  t.equal((await postCredential(access, await order(), { dpop: overheard })).status, 200)
  const again = await postCredential(access, await order(), { dpop: overheard })
  t.equal(again.status, 401)
  t.equal(again.body.error, 'invalid_dpop_proof')

  const thief = { ...access, key: generateSigningKey() }
  t.equal((await postCredential(thief, await order())).status, 401, 'a stolen token without its key')
})
