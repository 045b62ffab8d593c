import { signJwt } from '@samen/jwt-profile'
import { authorizationServerMetadata as serverMetadata } from '@samen/oauth'
import { buildIssuerMetadata, credentialIssuerMetadata, type IssuerMetadata } from '@samen/openid4vci'
import type { JsonObject } from '@samen/strict-json'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { BATCH_SIZE, CREDENTIAL_TYPES } from './credential-types.ts'

const SIGNED_LIFETIME_SECONDS = 86_400
const SIGN_AGAIN_AFTER_MS = 3_600_000

/** What a school issues and where. The same document stands in its entity configuration. VCI#credential-issuer-parameters */
export function issuerMetadata(school: School): IssuerMetadata {
  const metadata = built.get(school) ?? build(school)
  built.set(school, metadata)
  return metadata
}

/** Anybody may ask, and building takes a millisecond: so it is built once each time that a school is read from the database. */
const built = new WeakMap<School, IssuerMetadata>()

function build(school: School): IssuerMetadata {
  return buildIssuerMetadata(
    credentialIssuerMetadata({
      id: school.entityId,
      display: [{ name: school.name, locale: 'nl' }],
      batchSize: BATCH_SIZE,
      types: CREDENTIAL_TYPES,
    }),
  )
}

/** The school is its own authorization server. RFC8414#section-2, VCI#as-metadata */
export function authorizationServerMetadata(school: School): JsonObject {
  return {
    ...serverMetadata({ issuer: school.entityId, tokenEndpoint: `${school.entityId}/token` }),
    authorization_details_types_supported: ['openid_credential'],
  }
}

interface SignedMetadata {
  readonly school: School
  readonly jwt: string
  readonly at: number
}

/**
 * The issuer metadata as a JWT, signed by the key that signs credentials, with its certificate; undefined before there is
 * one. Signed once an hour for each school. VCI#credential-issuer-signed-metadata
 */
export function createMetadataSigner(deps: Pick<Deps, 'now'>): (school: School) => string | undefined {
  const signed = new Map<string, SignedMetadata>()
  return (school) => {
    const { credentialKey } = school
    if (credentialKey.x5c === undefined) return undefined
    const now = deps.now().getTime()
    const known = signed.get(school.slug)
    if (known !== undefined && isSame(known.school, school) && now - known.at < SIGN_AGAIN_AFTER_MS) return known.jwt
    const iat = Math.floor(now / 1000)
    const jwt = signJwt(
      credentialKey,
      { typ: 'openidvci-issuer-metadata+jwt', x5c: credentialKey.x5c },
      {
        ...issuerMetadata(school),
        iss: school.entityId,
        sub: school.entityId,
        iat,
        exp: iat + SIGNED_LIFETIME_SECONDS,
      },
    )
    signed.set(school.slug, { school, jwt, at: now })
    return jwt
  }
}

/** A school is read anew twice a minute; only other contents are worth another signature. */
function isSame(one: School, other: School): boolean {
  const { credentialKey } = one
  return (
    one.name === other.name &&
    credentialKey.kid === other.credentialKey.kid &&
    credentialKey.x5c?.[0] === other.credentialKey.x5c?.[0]
  )
}
