import { issueWantedCertificates, renewCertificates } from './certificate/certify-keys.ts'
import type { Deps } from './deps.ts'

/** Starts every timer of one process, by name; `deps.jobs.stop` ends them. */
export function startJobs(deps: Deps): void {
  // Another process over the same database may have admitted or expelled somebody.
  deps.jobs.every('reload-members', 1, () => deps.members.reload())
  // An admission that was cut off before its certificates were signed.
  deps.jobs.every('issue-certificates', 30, () => issueWantedCertificates(deps))
  deps.jobs.every('renew-certificates', 3_600, () => renewCertificates(deps))
}
