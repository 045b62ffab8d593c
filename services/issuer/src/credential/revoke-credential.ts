import { notFound } from '@samen/errors'
import { audit, type IdempotentReply, type IdempotentRequest, type Tx, withIdempotency } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { endOffersAbout } from '../offer/end-offers.ts'
import type { Caller } from '../school/authenticate-school.ts'
import type { School } from '../school/school.ts'
import { visitSchools } from '../school/visit-schools.ts'
import { REVOKED_EVERYWHERE_SECONDS } from '../status/status-lists.ts'
import { lockIssuance, markRevoked, readIssuanceState, readLiveIssuancesOf, readUndelivered } from './credential.sql.ts'

/** Longer than an answer may take and its delivery may need to be marked (hand-over.ts). */
const UNDELIVERED_AFTER_MS = 8_000
/** At a start nobody is signing, unless another process is; and that takes milliseconds. */
const UNDELIVERED_AT_START_MS = 2_500

/**
 * Revokes all copies of one issuance, once and for all; revoking twice succeeds. The answer says until when a verifier may
 * still rely on a list that it has. Throws Problem 404 for an id that is unknown or another school's. TSL#status-types
 */
export async function revokeCredential(
  deps: Deps,
  { school, keyId }: Caller,
  id: string,
  idempotency: Pick<IdempotentRequest, 'key' | 'requestHash'>,
): Promise<IdempotentReply> {
  const now = deps.now()
  const request = { ...idempotency, tenant: school.slug, sealing: deps.keyring, now }
  const reply = await withIdempotency(deps.db.forTenant(school.slug), request, async (tx) => {
    if ((await readIssuanceState(tx, school.slug, id)) === undefined) throw notFound()
    await revoke(tx, school.slug, id, ['intended', 'delivered'], keyId, now)
    const effectiveBy = new Date(now.getTime() + REVOKED_EVERYWHERE_SECONDS * 1000)
    return { status: 200, body: { id, state: 'revoked', effective_by: effectiveBy.toISOString() } }
  })
  deps.statusLists.touch(school)
  return reply
}

/** Revokes what a wallet could not store, or what never reached it: in the transaction that takes note of it. */
export async function revokeIssuance(
  deps: Deps,
  tx: Tx,
  school: School,
  id: string,
  actor: 'wallet' | 'delivery',
): Promise<void> {
  await revoke(tx, school.slug, id, ['intended', 'delivered'], actor, deps.now())
  tx.afterCommit(() => deps.statusLists.touch(school))
}

/**
 * Takes back everything about a pupil, in the transaction in which the pupil leaves the school or somebody loses authority:
 * first what was offered, so that nothing more can come of it, then what was issued. The caller touches the school's
 * status lists after the commit.
 */
export async function revokeSubject(deps: Deps, tx: Tx, school: School, pupilId: string): Promise<void> {
  await endOffersAbout(tx, school, [pupilId])
  const subjectTag = deps.keyring.mac('issuer/subject', school.slug, pupilId)
  for (const { id } of await readLiveIssuancesOf(tx, school.slug, subjectTag))
    await revoke(tx, school.slug, id, ['intended', 'delivered'], 'roster', deps.now())
}

/**
 * Revokes what was intended and never handed over, in all schools; for a timer, and with `atStart` for the start, when what
 * a killed process left behind should not live a moment longer. Returns how many.
 */
export async function revokeUndelivered(deps: Deps, when: 'atStart' | 'later'): Promise<number> {
  const age = when === 'atStart' ? UNDELIVERED_AT_START_MS : UNDELIVERED_AFTER_MS
  let count = 0
  await visitSchools(deps, 'revoke-undelivered', async (slug) => {
    const revoked = await revokeUndeliveredOf(deps, slug, new Date(deps.now().getTime() - age))
    count += revoked
    const school = revoked > 0 ? await deps.schools.find(slug) : undefined
    if (school !== undefined) deps.statusLists.touch(school)
  })
  return count
}

async function revokeUndeliveredOf(deps: Deps, slug: string, before: Date): Promise<number> {
  const db = deps.db.forTenant(slug)
  const found = await readUndelivered(db, slug, before)
  let revoked = 0
  for (const { id } of found) {
    if (await db.transaction((tx) => revoke(tx, slug, id, ['intended'], 'sweep', deps.now()))) revoked++
  }
  return revoked
}

async function revoke(
  tx: Tx,
  slug: string,
  id: string,
  from: readonly ('intended' | 'delivered')[],
  actor: string,
  at: Date,
): Promise<boolean> {
  await lockIssuance(tx, slug, id)
  const isRevoked = await markRevoked(tx, slug, id, from, at)
  if (isRevoked) await audit(tx, { tenant: slug, at, actor, action: 'credential.revoked', object: id, outcome: 'ok' })
  return isRevoked
}
