import { Problem } from '@samen/errors'
import { readKeySet } from '@samen/federation'
import { thumbprint } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import type { ProtocolKey } from './certificate.sql.ts'

/** The roles whose keys sign what strangers verify by certificate: credentials, lists, requests. Never a federation key. */
const CERTIFIED_ROLES = ['openid_credential_issuer', 'openid_credential_verifier']

/**
 * The keys of an entity that are to be certified, filed under their thumbprints, each once. Keys for encryption need no
 * certificate. Throws Problem 422 `invalid-entity` when one is not a public P-256 key with a name.
 */
export function protocolKeys(metadata: Readonly<Record<string, JsonObject>>): ProtocolKey[] {
  const keys = CERTIFIED_ROLES.flatMap((role) => signatureKeys(metadata[role]))
  return [...new Map(keys.map((key) => [key.kid, key])).values()]
}

function signatureKeys(role: JsonObject | undefined): ProtocolKey[] {
  const keys = (role?.['jwks'] as { keys?: unknown } | undefined)?.keys
  const signing = Array.isArray(keys) ? keys.filter((key) => key?.use !== 'enc') : []
  if (signing.length === 0) return []
  try {
    return readKeySet({ keys: signing }).map((key) => ({ kid: thumbprint(key), public_jwk: key }))
  } catch (cause) {
    throw new Problem(422, 'invalid-entity', 'A protocol key of the entity cannot be certified', { cause })
  }
}
