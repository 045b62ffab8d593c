import { createHmac } from 'node:crypto'
import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { CHILD } from '../../scripts/story/cast.ts'
import { startNetwork } from '../network.ts'
import { dpopFor, fetchNonce, keyProof, makeOffer, postCredential, postToken, redeem } from '../raw-wallet.ts'
import { answerWith } from './tampered-answer.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Signs a JWT anew with another algorithm: nothing at all, or a secret that everybody knows. */
function swap(jwt: string, alg: 'none' | 'HS256'): string {
  const [header = '', payload = ''] = jwt.split('.')
  const forged = `${encode({ ...JSON.parse(Buffer.from(header, 'base64url').toString()), alg })}.${payload}`
  return `${forged}.${alg === 'none' ? '' : createHmac('sha256', 'known').update(forged).digest('base64url')}`
}

t.test('a token that is not signed with ES256 is nothing, wherever it is shown', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const offer = await makeOffer(story, CHILD)
  for (const alg of ['none', 'HS256'] as const) {
    const key = generateSigningKey()
    const dpop = swap(dpopFor(key, { htm: 'POST', htu: `${offer.issuer}/token`, accessToken: 'not-used' }), alg)
    const token = await postToken(offer, { key, dpop })
    t.equal(token.body.error, 'invalid_dpop_proof', `DPoP with ${alg}`)
  }
  const access = await redeem(offer)
  const own = { issuer: access.issuer, nonce: await fetchNonce(access.issuer) }
  const honest = { credential_configuration_id: 'pupil', proofs: { jwt: [keyProof(generateSigningKey(), own)] } }
  t.equal((await postCredential(access, honest)).status, 200, 'an honest key proof is accepted')
  for (const alg of ['none', 'HS256'] as const) {
    const nonce = await fetchNonce(access.issuer)
    const proof = swap(keyProof(generateSigningKey(), { issuer: access.issuer, nonce }), alg)
    const refused = await postCredential(access, { credential_configuration_id: 'pupil', proofs: { jwt: [proof] } })
    t.equal(refused.body.error, 'invalid_proof', `key proof with ${alg}`)

    const credential = await answerWith(story, {
      disclosures: (sdJwt) => `${swap(sdJwt.split('~')[0] ?? '', alg)}${sdJwt.slice(sdJwt.indexOf('~'))}`,
    })
    t.equal(credential.result.state, 'refused', `credential with ${alg}`)
    const holder = await answerWith(story, {
      presentation: (text) =>
        text.slice(0, text.lastIndexOf('~') + 1) + swap(text.slice(text.lastIndexOf('~') + 1), alg),
    })
    t.equal(holder.result.state, 'refused', `holder signature with ${alg}`)
  }
})
