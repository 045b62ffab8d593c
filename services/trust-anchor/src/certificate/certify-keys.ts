import { X509Certificate } from 'node:crypto'
import { issueLeafCertificate } from '@samen/certificates'
import { Problem } from '@samen/errors'
import { readKeySet } from '@samen/federation'
import { type PublicJwk, thumbprint } from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { Deps } from '../deps.ts'
import type { CertificateRow } from './certificate.sql.ts'

/** The roles whose keys sign what wallets see; only these are certified, never a federation key. */
const CERTIFIED_ROLES = ['openid_credential_issuer', 'openid_credential_verifier']
const CERTIFICATE_DAYS = 90

/** HAIP#issuer-key-resolution: a leaf for every key with which an entity signs credentials, lists or requests. Filed under its thumbprint. */
export async function certifyKeys(
  deps: Pick<Deps, 'keys' | 'now'>,
  entity: { entityId: string; name: string; metadata: Readonly<Record<string, JsonObject>> },
): Promise<CertificateRow[]> {
  const keys = CERTIFIED_ROLES.flatMap((role) => signingKeys(entity.metadata[role]?.['jwks']))
  return Promise.all(keys.map((publicJwk) => certifyKey(deps, { ...entity, publicJwk })))
}

/** One key, one leaf. */
export async function certifyKey(
  { keys, now }: Pick<Deps, 'keys' | 'now'>,
  { entityId, name, publicJwk }: { entityId: string; name: string; publicJwk: PublicJwk },
): Promise<CertificateRow> {
  const request = { subjectName: name, entityId, publicJwk, now: now(), days: CERTIFICATE_DAYS }
  const leaf = await issueLeafCertificate(keys.authority, request)
  const { validTo } = new X509Certificate(Buffer.from(leaf, 'base64'))
  return {
    entity_id: entityId,
    kid: thumbprint(publicJwk),
    public_jwk: publicJwk,
    x5c: [leaf],
    expires_at: new Date(validTo),
  }
}

function signingKeys(jwks: JsonValue | undefined): PublicJwk[] {
  if (jwks === undefined) return []
  try {
    return readKeySet(jwks).filter(({ use }) => use !== 'enc')
  } catch (cause) {
    throw new Problem(422, 'invalid-entity', 'A protocol key of the entity cannot be certified', { cause })
  }
}
