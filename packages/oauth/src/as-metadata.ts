import type { JsonObject } from '@samen/strict-json'
import { PRE_AUTHORIZED_CODE_GRANT } from './token-request.ts'

/** An authorization server that exchanges the codes of offers, and nothing else. URLs from configuration. */
export type AuthorizationServer = { readonly issuer: string; readonly tokenEndpoint: string }

/**
 * The metadata document of such a server. In: its URLs. Out: the document. `response_types_supported` is left out because
 * there is no authorization endpoint (VCI#as-metadata); each flag says what the endpoint does: wallets
 * come without a client id, every token is bound by DPoP. RFC8414#section-2
 */
export function authorizationServerMetadata({ issuer, tokenEndpoint }: AuthorizationServer): JsonObject {
  return {
    issuer,
    token_endpoint: tokenEndpoint,
    grant_types_supported: [PRE_AUTHORIZED_CODE_GRANT],
    token_endpoint_auth_methods_supported: ['none'],
    dpop_signing_alg_values_supported: ['ES256'],
    'pre-authorized_grant_anonymous_access_supported': true,
  }
}
