export { type MemberLists, openRegistryLists, openSchoolLists } from './member-lists.ts'
export { createStatusCheck, type StatusCheck } from './status-check.ts'
export { createTrustIssuer, type TrustIssuer } from './trust-issuer.ts'
