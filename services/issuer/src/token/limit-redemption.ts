import { takeQuotas } from '@samen/pg-kit'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'

/**
 * Fifty in a second: all 2,000 families to which a school hands out an offer in one morning could redeem it in the same minute, with a
 * mistyped code each for every second one; and the other schools of the node still have room.
 */
const PER_SCHOOL = { limit: 3_000, windowSeconds: 60 }
/** One in a second: a family with five tries and several telephones stays far below. */
const PER_CODE = { limit: 60, windowSeconds: 60 }

/**
 * Counts one token request, for the school and for its code, which the caller knows to be one of ours: so no counter is made for what
 * strangers invent, and they use up nobody's. Never by address: a whole school, or a whole telephone network, has
 * one. Throws ProtocolError 429 with Retry-After.
 */
export async function limitRedemption(deps: Deps, school: School, code: string): Promise<void> {
  const shared = { now: deps.now(), errorStyle: 'protocol' } as const
  const ofCode = `token/${school.slug}/${hashSecret(code).toString('hex')}`
  await takeQuotas(deps.db.forTenant(school.slug), [
    { ...PER_SCHOOL, ...shared, key: `token/${school.slug}` },
    { ...PER_CODE, ...shared, key: ofCode },
  ])
}
