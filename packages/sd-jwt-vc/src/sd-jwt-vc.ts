export { type CredentialOrder, type DisclosurePlan, issueSdJwtVc } from './issue-sd-jwt-vc.ts'
export { type ParsedSdJwt, parseSdJwt, SD_JWT_LIMITS, type SdJwtLimits } from './parse-sd-jwt.ts'
export { type PresentationOrder, presentSdJwtVc } from './present-sd-jwt-vc.ts'
export {
  type ClaimPath,
  type DisclosedClaim,
  type ProcessedPayload,
  processDisclosures,
} from './process-disclosures.ts'
export { SdJwtError, type SdJwtErrorCode } from './sd-jwt-error.ts'
export { type KeyBindingPolicy, verifyKeyBinding } from './verify-key-binding.ts'
export {
  type SdJwtVcPolicy,
  type StatusReference,
  type VerifiedSdJwtVc,
  verifySdJwtVc,
} from './verify-sd-jwt-vc.ts'
