// What an entity says about its protocol roles, checked for the contradictions that would let it play somebody else's.
import type { PublicJwk } from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import { TrustError } from './trust-error.ts'

/**
 * FED#metadata. Takes the `metadata` claim of the entity's own configuration and returns it by entity type; `place` is where the
 * entity stands, `federationKeys` what it signs statements with. Throws TrustError `invalid_statement` when a value is null, when
 * `federation_entity` carries keys or does not fit the place, when a role uses a federation key, or when a role names another
 * identifier than the entity's own.
 */
export function assertMetadata(
  entity: { entityId: string; place: 'anchor' | 'leaf'; federationKeys: readonly PublicJwk[] },
  value: JsonValue = {},
): Readonly<Record<string, JsonObject>> {
  if (!isObject(value)) throw invalid('metadata is not an object')
  for (const member of Object.values(value)) {
    if (!isObject(member) || Object.values(member).includes(null))
      throw invalid('metadata of a type has no null members')
  }
  const metadata = value as Record<string, JsonObject>
  assertFederationEntity(entity.place, metadata['federation_entity'] ?? {})
  assertOwnIdentifiers(entity.entityId, metadata)
  for (const role of Object.values(metadata)) assertOtherKeys(entity.federationKeys, role['jwks'])
  return metadata
}

/**
 * FED#jwks_metadata: federation keys live in the `jwks` claim and nowhere else. FED#federation_entity: the anchor says where its
 * members are listed and fetched; a leaf that says so poses as a superior.
 */
function assertFederationEntity(place: 'anchor' | 'leaf', metadata: JsonObject): void {
  const has = (name: string) => Object.hasOwn(metadata, name)
  if (['jwks', 'jwks_uri', 'signed_jwks_uri'].some(has)) throw invalid('federation_entity metadata carries no keys')
  const endpoints = ['federation_fetch_endpoint', 'federation_list_endpoint']
  if (place === 'leaf' ? endpoints.some(has) : !endpoints.every(has))
    throw invalid('the endpoints do not fit the place in the tree')
}

/** FED#oauth-as: a role under a foreign name would be a member speaking for a stranger. */
function assertOwnIdentifiers(entityId: string, metadata: Readonly<Record<string, JsonObject>>): void {
  const issuer = metadata['openid_credential_issuer']
  const server = metadata['oauth_authorization_server']
  if (issuer !== undefined && issuer['credential_issuer'] !== entityId)
    throw invalid('the credential issuer is another entity')
  if (server !== undefined && server['issuer'] !== entityId) throw invalid('the authorization server is another entity')
}

/** FED#jwks_metadata: a key that signs protocol messages would sign statements too, if somebody could choose what it signs. */
function assertOtherKeys(federationKeys: readonly PublicJwk[], jwks: JsonValue | undefined): void {
  const keys = isObject(jwks) && Array.isArray(jwks['keys']) ? jwks['keys'] : []
  const isFederationKey = (key: JsonValue) => isObject(key) && federationKeys.some(({ x }) => x === key['x'])
  if (keys.some(isFederationKey)) throw invalid('a federation key serves a protocol role')
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(message: string): TrustError {
  return new TrustError('invalid_statement', message)
}
