import { X509Certificate } from 'node:crypto'
import { createMembership, TrustError } from '@samen/federation'
import { decodeJwt } from '@samen/jwt-profile'
import { audit } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { visitSchools } from '../school/visit-schools.ts'
import { writeMembership } from './membership.sql.ts'

/**
 * Asks the anchor what it granted this school, and keeps it: trust marks for the entity configuration, the certificate chain
 * of the credential key for the `x5c` of credentials. Returns whether the school can issue now.
 * Throws TrustError when the anchor cannot be reached or sends something that does not verify; then nothing changes.
 */
export async function pullMembership(deps: Deps, school: School): Promise<boolean> {
  const { anchor, now, fetcher } = deps
  const fetchText = (url: string) => fetcher.getText(url, { accept: '*/*' })
  const granted = await createMembership({ anchor, entityId: school.entityId, fetchText, now }).load()
  const x5c = granted.certificates.get(school.credentialKey.kid) ?? null
  const isMember = x5c !== null && granted.trustMarks.length > 0
  if (isSame(school, granted.trustMarks, x5c)) return isMember
  const { slug: tenant } = school
  await deps.db.forTenant(tenant).transaction(async (tx) => {
    await writeMembership(tx, { tenant, trustMarks: granted.trustMarks, x5c, now: now() })
    const event = { tenant, at: now(), actor: 'pull-memberships', object: tenant }
    await audit(tx, { ...event, action: 'membership.changed', outcome: isMember ? 'member' : 'not-member' })
  })
  deps.schools.forget(tenant)
  return isMember
}

function isSame(school: School, trustMarks: readonly string[], x5c: readonly string[] | null): boolean {
  return (
    JSON.stringify(school.trustMarks) === JSON.stringify(trustMarks) &&
    JSON.stringify(school.credentialKey.x5c ?? null) === JSON.stringify(x5c)
  )
}

const EAGER_MS = 1_000
const PATIENT_MS = 15_000
/** How long a school that nobody has admitted yet is asked for every second. */
const EAGER_FOR_MS = 300_000
const HOUR_MS = 3_600_000
const BEFORE_EXPIRY_MS = 600_000

interface Pulls {
  readonly since: number
  readonly next: number
}

/**
 * The task of a timer that ticks every second: visits each school when it is due. A school that is no member yet is due at
 * once (after five minutes every 15 s), a member every hour and ten minutes before the first of its documents expires.
 */
export function createMembershipPull(deps: Deps): () => Promise<void> {
  const pulls = new Map<string, Pulls>()
  return async () => {
    const now = deps.now().getTime()
    await visitSchools(deps, 'pull-memberships', async (slug) => {
      const { since, next } = pulls.get(slug) ?? { since: now, next: 0 }
      if (now < next) return
      // A school that cannot be opened is tried again, but not every second.
      pulls.set(slug, { since, next: now + PATIENT_MS })
      const school = await deps.schools.find(slug)
      if (school !== undefined) pulls.set(slug, { since, next: await visit(deps, school, { now, since }) })
    })
  }
}

/** Pulls one school and returns when to come again. A school whose pull fails must not keep the others waiting. */
async function visit(deps: Deps, school: School, { now, since }: { now: number; since: number }): Promise<number> {
  const soon = now + (now - since < EAGER_FOR_MS ? EAGER_MS : PATIENT_MS)
  try {
    if (!(await pullMembership(deps, school))) return soon
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    deps.log.debug({ task: 'pull-memberships', code: cause.code }, 'the anchor granted nothing new')
    return soon
  }
  const known = await deps.schools.find(school.slug)
  const expiry = known === undefined ? now : earliestExpiry(known)
  return Math.max(soon, Math.min(now + HOUR_MS, expiry - BEFORE_EXPIRY_MS))
}

/** When the first of the school's marks and certificates ends, in milliseconds. */
export function earliestExpiry(school: School): number {
  const marks = school.trustMarks.map((mark) => Number(decodeJwt(mark, { maxBytes: 16_384 }).payload['exp']) * 1_000)
  const certificates = (school.credentialKey.x5c ?? []).map((der) =>
    new X509Certificate(Buffer.from(der, 'base64')).validToDate.getTime(),
  )
  return Math.min(...[...marks, ...certificates].filter((end) => Number.isFinite(end)))
}
