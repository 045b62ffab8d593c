import { Openid4vciClient } from '@openid4vc/openid4vci'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { walletCallbacks } from './callbacks.ts'
import { type HeldCredential, keepCredential } from './held-credential.ts'
import type { Surroundings } from './surroundings.ts'

export interface RedeemOptions {
  /** The code that came by another way, or `none` when the offer asks for no code. */
  readonly txCode: string | 'none'
  /** How many copies of each credential, each bound to a key of its own. */
  readonly copies: number
  readonly label: string
}

/** VCI#pre-authz-code-flow: from an offer link to verified credentials, each request through the library. */
export async function redeemOffer(
  surroundings: Surroundings,
  offerLink: string,
  { txCode, copies, label }: RedeemOptions,
): Promise<HeldCredential[]> {
  const dpopKey = await newKey()
  const ourKeys: JWK[] = [dpopKey]
  const client = new Openid4vciClient({ callbacks: walletCallbacks(surroundings, ourKeys) })
  const credentialOffer = await client.resolveCredentialOffer(offerLink)
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
  const signer = { method: 'jwk', publicJwk: publicPart(dpopKey), alg: 'ES256' } as const
  const { accessTokenResponse, dpop } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer,
    issuerMetadata,
    dpop: { signer },
    ...(txCode !== 'none' && { txCode }),
  })
  const access = { issuerMetadata, accessToken: accessTokenResponse.access_token, dpop: { signer, ...dpop } }

  const held: HeldCredential[] = []
  const issuer = credentialOffer.credential_issuer
  for (const configurationId of credentialOffer.credential_configuration_ids) {
    const keys = await Promise.all(Array.from({ length: copies }, newKey))
    ourKeys.push(...keys)
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
    const proofs = await Promise.all(
      keys.map(async (key) => {
        const proofSigner = { method: 'jwk', publicJwk: publicPart(key), alg: 'ES256' } as const
        const proof = { issuerMetadata, credentialConfigurationId: configurationId, signer: proofSigner, nonce }
        return (await client.createCredentialRequestJwtProof(proof)).jwt
      }),
    )
    const { credentialResponse } = await client.retrieveCredentials({
      ...access,
      credentialConfigurationId: configurationId,
      proofs: { jwt: proofs },
    })
    const received = (credentialResponse.credentials ?? []) as { credential: string }[]
    if (received.length !== copies) throw new Error(`asked for ${copies} copies, got ${received.length}`)
    for (const [index, { credential }] of received.entries()) {
      const holderKey = keys[index] as JWK
      held.push(await keepCredential(surroundings.ca, credential, { issuer, configurationId, label, holderKey }))
    }
    if (credentialResponse.notification_id) {
      const notification = { notificationId: credentialResponse.notification_id, event: 'credential_accepted' as const }
      await client.sendNotification({ ...access, notification })
    }
  }
  return held
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return exportJWK(privateKey)
}

function publicPart({ kty, crv, x, y }: JWK) {
  return { kty: kty ?? '', crv: crv ?? '', x: x ?? '', y: y ?? '' }
}
