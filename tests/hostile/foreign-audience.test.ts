import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { CHILD, SCHOOLS } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import { startNetwork } from '../network.ts'
import { fetchNonce, keyProof, makeOffer, postCredential, redeem } from '../raw-wallet.ts'
import { answerWith } from './tampered-answer.ts'

t.test('what was signed for one party is worth nothing at another', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const access = await redeem(await makeOffer(story, CHILD))
  const own = { issuer: access.issuer, nonce: await fetchNonce(access.issuer) }
  const honest = { credential_configuration_id: 'pupil', proofs: { jwt: [keyProof(generateSigningKey(), own)] } }
  t.equal((await postCredential(access, honest)).status, 200, 'an honest key proof is accepted')
  const other = tenant(story, SCHOOLS[1].slug).entityId
  for (const aud of [other, `${access.issuer}/credential`, `${access.issuer}/`, [access.issuer]]) {
    const nonce = await fetchNonce(access.issuer)
    const proof = keyProof(generateSigningKey(), { issuer: access.issuer, nonce }, { payload: { aud } })
    const refused = await postCredential(access, { credential_configuration_id: 'pupil', proofs: { jwt: [proof] } })
    t.equal(refused.body.error, 'invalid_proof', `a key proof for ${JSON.stringify(aud)}`)
  }
  const foreign = await postCredential({ ...access, issuer: other }, { credential_configuration_id: 'pupil' })
  t.equal(foreign.status, 401, "one school's token at another school")

  for (const aud of ['x509_hash:AAAA', 'https://app.example', 7]) {
    const presented = await answerWith(story, { keyBinding: (payload) => ({ ...payload, aud }) })
    t.equal(presented.answer.status, 400)
    t.equal(presented.result.state, 'refused', `a presentation for ${aud}`)
    t.equal(presented.reason, 'holder_binding_invalid')
  }
})
