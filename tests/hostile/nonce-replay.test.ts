import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { CHILD } from '../../scripts/story/cast.ts'
import { startNetwork } from '../network.ts'
import { countByStatus, fetchNonce, keyProof, makeOffer, postCredential, redeem } from '../raw-wallet.ts'

t.test('a key proof is good once, also when it is sent five times at once', async (t) => {
  const story = await startNetwork(t, 'roster')
  const access = await redeem(await makeOffer(story, CHILD))
  const proof = keyProof(generateSigningKey(), { issuer: access.issuer, nonce: await fetchNonce(access.issuer) })
  const body = { credential_configuration_id: 'pupil', proofs: { jwt: [proof] } }
  const answers = await Promise.all(Array.from({ length: 5 }, () => postCredential(access, body)))
  t.same(countByStatus(answers), { 200: 1, 400: 4 })
  for (const { status, body } of answers) if (status === 400) t.equal(body.error, 'invalid_nonce')

  const invented = keyProof(generateSigningKey(), { issuer: access.issuer, nonce: 'bm90LW91cnM' })
  const stranger = await postCredential(access, { ...body, proofs: { jwt: [invented] } })
  t.equal(stranger.body.error, 'invalid_nonce', 'a nonce that the school never gave out')
})
