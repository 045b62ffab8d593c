/** One language of a name. VCI#credential-issuer-parameters */
export interface Display {
  readonly name: string
  readonly locale: string
}

/** VCI#claims-description-issuer-metadata */
export interface ClaimDescription {
  readonly path: readonly string[]
  readonly mandatory: boolean
  readonly display?: readonly Display[]
}

/** What an issuer says about one type of SD-JWT VC. VCI#server-metadata-sd-jwt-vc */
export interface CredentialConfiguration {
  readonly format: 'dc+sd-jwt'
  readonly vct: string
  readonly scope: string
  readonly cryptographic_binding_methods_supported: readonly ['jwk']
  readonly credential_signing_alg_values_supported: readonly ['ES256']
  readonly proof_types_supported: { readonly jwt: { readonly proof_signing_alg_values_supported: readonly ['ES256'] } }
  readonly credential_metadata: {
    readonly display: readonly Display[]
    readonly claims: readonly ClaimDescription[]
  }
}

/** VCI#credential-issuer-parameters. No `authorization_servers`: the issuer is its own authorization server. */
export interface IssuerMetadata {
  readonly credential_issuer: string
  readonly credential_endpoint: string
  readonly nonce_endpoint: string
  readonly notification_endpoint: string
  readonly batch_credential_issuance: { readonly batch_size: number }
  readonly display: readonly Display[]
  readonly credential_configurations_supported: Readonly<Record<string, CredentialConfiguration>>
}

/** How a type of credential is described before it becomes metadata. */
export interface CredentialType {
  readonly vct: string
  readonly display: readonly Display[]
  readonly claims: readonly ClaimDescription[]
}

/** VCI#server-metadata-sd-jwt-vc. The id of the configuration is also its scope, which HAIP wants for each one. */
export function credentialConfiguration(id: string, type: CredentialType): CredentialConfiguration {
  assertDescription(id, type)
  return {
    format: 'dc+sd-jwt',
    vct: type.vct,
    scope: id,
    cryptographic_binding_methods_supported: ['jwk'],
    credential_signing_alg_values_supported: ['ES256'],
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
    credential_metadata: { display: type.display, claims: type.claims },
  }
}

/**
 * The metadata of an issuer whose endpoints lie below its identifier (`<issuer>/credential`, `/nonce`, `/notification`).
 * `types` are by configuration id. Throws Error when the document would break a rule of VCI#credential-issuer-parameters
 * (empty arrays, a locale or a claim path twice, a batch size below 2, an id that is no scope token).
 */
export function credentialIssuerMetadata(issuer: {
  readonly id: string
  readonly display: readonly Display[]
  readonly batchSize: number
  readonly types: Readonly<Record<string, CredentialType>>
}): IssuerMetadata {
  assertOncePerLocale(issuer.display)
  if (!Number.isInteger(issuer.batchSize) || issuer.batchSize < 2) throw new Error('a batch has at least two copies')
  const configurations = Object.entries(issuer.types).map(([id, type]) => [id, credentialConfiguration(id, type)])
  return {
    credential_issuer: issuer.id,
    credential_endpoint: `${issuer.id}/credential`,
    nonce_endpoint: `${issuer.id}/nonce`,
    notification_endpoint: `${issuer.id}/notification`,
    batch_credential_issuance: { batch_size: issuer.batchSize },
    display: issuer.display,
    credential_configurations_supported: Object.fromEntries(configurations),
  }
}

/** RFC6749#section-3.3: what a scope token may consist of. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

function assertDescription(id: string, type: CredentialType): void {
  if (!SCOPE_TOKEN.test(id)) throw new Error('the id of a configuration is a scope token')
  assertOncePerLocale(type.display)
  for (const claim of type.claims) if (claim.display !== undefined) assertOncePerLocale(claim.display)
  const paths = type.claims.map((claim) => JSON.stringify(claim.path))
  if (paths.length === 0 || type.claims.some((claim) => claim.path.length === 0) || new Set(paths).size < paths.length)
    throw new Error('each claim is described once, by a path')
}

function assertOncePerLocale(display: readonly Display[]): void {
  if (display.length === 0 || new Set(display.map((item) => item.locale)).size < display.length)
    throw new Error('a display has each language once')
}
