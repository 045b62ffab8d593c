export { assertEntityId, entityConfigurationUrl, isEntityId } from './entity-id.ts'
export {
  type EntityConfiguration,
  readEntityConfiguration,
  readSubordinateStatement,
} from './entity-statement.ts'
export { readKeySet } from './key-set.ts'
export { createMembership, type Membership } from './membership.ts'
export { createTrustResolver, type Member, type ResolvePolicy, type TrustResolver } from './resolve-trust.ts'
export { signEntityConfiguration, signSubordinateStatement, signTrustMark } from './sign-statement.ts'
export { formatTrustAnchor, parseTrustAnchor, type TrustAnchor } from './trust-anchor-file.ts'
export { TrustError } from './trust-error.ts'
export { readTrustMark } from './trust-mark.ts'
