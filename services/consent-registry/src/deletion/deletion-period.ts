/** GDPR art. 12(3): without undue delay and at the latest a month after; the same after a withdrawal and after the last day. */
export const DELETION_DAYS = 30
