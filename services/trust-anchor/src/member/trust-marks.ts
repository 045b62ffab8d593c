/** Which marks there are, and which role an entity must have in its own configuration to be given one. */
export const ROLE_OF = {
  'urn:samen:trust-mark:school': 'openid_credential_issuer',
  'urn:samen:trust-mark:app-vendor': 'samen_app',
  'urn:samen:trust-mark:consent-registry': 'samen_consent_registry',
} as const

export type TrustMarkType = keyof typeof ROLE_OF
export const TRUST_MARKS = Object.keys(ROLE_OF) as TrustMarkType[]
