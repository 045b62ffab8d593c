/**
 * GDPR art. 12(3): without undue delay and at the latest a month after; the same after a withdrawal and after the last day. Registry and
 * app count by themselves from that day, so they have to count alike.
 */
export const DELETION_DAYS = 30
