export {
  type CredentialOffer,
  credentialOffer,
  PRE_AUTHORIZED_CODE_GRANT,
} from './credential-offer.ts'
export { type CredentialRequest, readCredentialRequest, unknownIdentifier } from './credential-request.ts'
export { type CredentialResponse, credentialResponse } from './credential-response.ts'
export {
  type ClaimDescription,
  type CredentialType,
  credentialIssuerMetadata,
  type Display,
  type IssuerMetadata,
} from './issuer-metadata.ts'
export { checkNonce, issueNonce } from './nonce.ts'
export { type NotificationEvent, readNotificationRequest } from './notification-request.ts'
export { assertTokenRequest, buildIssuerMetadata, composeOffer, createOfferUri } from './sphereon-oid4vci.ts'
export { type ProvedKey, verifyJwtProofs } from './verify-jwt-proof.ts'
