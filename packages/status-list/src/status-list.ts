export { compressStatusList } from './compress-status-list.ts'
export { readStatusListToken } from './read-status-list-token.ts'
export { signStatusListToken } from './sign-status-list-token.ts'
export {
  newBits,
  type PackedStatuses,
  type StatusBits,
  type StatusSize,
  setStatus,
  statusAt,
} from './status-bits.ts'
export { createStatusListCache, type StatusListCache } from './status-list-cache.ts'
export { StatusListError } from './status-list-error.ts'
