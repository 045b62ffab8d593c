import { renewCertificates } from './certificate/renew-certificates.ts'
import type { Deps } from './deps.ts'

/** Starts every timer of one process, by name; `deps.jobs.stop` ends them. */
export function startJobs(deps: Deps): void {
  // Another process over the same database may have admitted or expelled somebody.
  deps.jobs.every('reload-members', 1, () => deps.members.reload())
  deps.jobs.every('renew-certificates', 3_600, () => renewCertificates(deps))
}
