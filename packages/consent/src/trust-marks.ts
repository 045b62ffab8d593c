/** The marks that say what a member of the federation may do; each kind of message demands one of its sender (FED#trust_mark_claims). */
export const MARK_SCHOOL = 'urn:samen:trust-mark:school'
export const MARK_APP_VENDOR = 'urn:samen:trust-mark:app-vendor'
export const MARK_CONSENT_REGISTRY = 'urn:samen:trust-mark:consent-registry'
