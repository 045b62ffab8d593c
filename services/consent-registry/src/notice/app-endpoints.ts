import { ownEndpoint } from '@samen/consent'
import { type PublicJwk, readPublicJwk } from '@samen/jwt-profile'
import type { JsonValue } from '@samen/strict-json'
import type { Deps } from '../deps.ts'

export type AppEndpoints = {
  readonly receiptEndpoint: string
  readonly eventEndpoint: string
  readonly encryptionKey: PublicJwk & { kid: string }
}

/**
 * Where an app takes messages, from its own signed metadata. Endpoints elsewhere than at the app itself are refused: they would
 * send us, and what we encrypt, to an address that nobody enrolled. Throws TrustError, or Error when it names no key.
 */
export async function readAppEndpoints(deps: Pick<Deps, 'resolver'>, app: string): Promise<AppEndpoints> {
  const { metadata } = await deps.resolver.resolve(app, { entityType: 'samen_app', trustMark: 'not-needed' })
  const { receipt_endpoint, event_endpoint, jwks } = metadata['samen_app'] ?? {}
  return {
    receiptEndpoint: ownEndpoint(app, receipt_endpoint),
    eventEndpoint: ownEndpoint(app, event_endpoint),
    encryptionKey: encryptionKeyOf(jwks),
  }
}

function encryptionKeyOf(jwks: JsonValue | undefined): PublicJwk & { kid: string } {
  const keys = typeof jwks === 'object' && jwks !== null && !Array.isArray(jwks) ? jwks['keys'] : undefined
  for (const value of Array.isArray(keys) ? keys : []) {
    const key = readPublicJwk(value)
    const { kid } = key
    if (key.use === 'enc' && kid !== undefined) return { ...key, kid }
  }
  throw new Error('the app names no key to encrypt to')
}
