import { createHmac, type KeyObject, X509Certificate } from 'node:crypto'
import { generateSigningKey, importPublicJwk } from '@samen/jwt-profile'
import t from 'tap'
import { CHILD } from '../../scripts/story/cast.ts'
import { startNetwork } from '../network.ts'
import { dpopFor, fetchNonce, keyProof, makeOffer, postCredential, postToken, redeem } from '../raw-wallet.ts'
import { answerWith } from './tampered-answer.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

const decode = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString())

/**
 * No signature at all, or an HMAC whose secret is the public key that the verifier itself uses, in every form in which
 * a library may hold it: a verifier that lets the token choose the algorithm would find such an HMAC good (RFC8725#section-3.1).
 */
const SWAPS: Record<string, (key: KeyObject) => string | Buffer | undefined> = {
  none: () => undefined,
  'HS256 with the JWK': (key) => JSON.stringify(key.export({ format: 'jwk' })),
  'HS256 with the DER bytes': (key) => key.export({ type: 'spki', format: 'der' }),
  'HS256 with the PEM text': (key) => key.export({ type: 'spki', format: 'pem' }),
}

/** Signs a JWT anew in one of these ways; `key` is the one that its honest signature is checked with. */
function swap(jwt: string, how: string, key: KeyObject): string {
  const [header = '', payload = ''] = jwt.split('.')
  const secret = SWAPS[how]?.(key)
  const forged = `${encode({ ...decode(header), alg: secret === undefined ? 'none' : 'HS256' })}.${payload}`
  return `${forged}.${secret === undefined ? '' : createHmac('sha256', secret).update(forged).digest('base64url')}`
}

/** DPoP proofs and key proofs carry their key; a credential carries a certificate of it. */
function swapWithOwnKey(jwt: string, how: string): string {
  const { jwk, x5c } = decode(jwt.split('.')[0])
  return swap(jwt, how, jwk ? importPublicJwk(jwk) : new X509Certificate(Buffer.from(x5c[0], 'base64')).publicKey)
}

/** The key binding at the end of a presentation is signed with the key in `cnf` of the credential. */
function swapHolderSignature(presentation: string, how: string): string {
  const at = presentation.lastIndexOf('~') + 1
  const { cnf } = decode(presentation.split('.')[1])
  return presentation.slice(0, at) + swap(presentation.slice(at), how, importPublicJwk(cnf.jwk))
}

t.test('a token that is not signed with ES256 is nothing, wherever it is shown', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const offer = await makeOffer(story, CHILD)
  for (const how of Object.keys(SWAPS)) {
    const key = generateSigningKey()
    const honest = dpopFor(key, { htm: 'POST', htu: `${offer.issuer}/token`, accessToken: 'not-used' })
    const dpop = swapWithOwnKey(honest, how)
    const token = await postToken(offer, { key, dpop })
    t.equal(token.body.error, 'invalid_dpop_proof', `DPoP with ${how}`)
  }
  const access = await redeem(offer)
  const own = { issuer: access.issuer, nonce: await fetchNonce(access.issuer) }
  const honest = { credential_configuration_id: 'pupil', proofs: { jwt: [keyProof(generateSigningKey(), own)] } }
  t.equal((await postCredential(access, honest)).status, 200, 'an honest key proof is accepted')
  for (const how of Object.keys(SWAPS)) {
    const nonce = await fetchNonce(access.issuer)
    const proof = swapWithOwnKey(keyProof(generateSigningKey(), { issuer: access.issuer, nonce }), how)
    const refused = await postCredential(access, { credential_configuration_id: 'pupil', proofs: { jwt: [proof] } })
    t.equal(refused.body.error, 'invalid_proof', `key proof with ${how}`)

    const credential = await answerWith(story, {
      disclosures: (sdJwt) => `${swapWithOwnKey(sdJwt.split('~')[0] ?? '', how)}${sdJwt.slice(sdJwt.indexOf('~'))}`,
    })
    t.same([credential.result.state, credential.reason], ['refused', 'credential_invalid'], `credential with ${how}`)
    const holder = await answerWith(story, { presentation: (text) => swapHolderSignature(text, how) })
    t.same([holder.result.state, holder.reason], ['refused', 'holder_binding_invalid'], `holder signature with ${how}`)
  }
})
