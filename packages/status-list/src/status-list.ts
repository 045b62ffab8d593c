export { compressStatusList } from './compress-status-list.ts'
export { readStatusListToken, type StatusList, type StatusListPolicy } from './read-status-list-token.ts'
export { type StatusListOrder, signStatusListToken } from './sign-status-list-token.ts'
export {
  newBits,
  type PackedStatuses,
  type StatusBits,
  type StatusSize,
  setStatus,
  statusAt,
} from './status-bits.ts'
export { createStatusListCache, type StatusListCache, type StatusListCacheDeps } from './status-list-cache.ts'
export { StatusListError, type StatusListErrorCode } from './status-list-error.ts'
