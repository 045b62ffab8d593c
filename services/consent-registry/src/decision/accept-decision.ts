import type { Decision } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { Deps } from '../deps.ts'
import type { SignedDecision } from '../presentation/answer.ts'
import { unknownPresentation } from '../presentation/open-presentation.ts'
import { amendOutcome, confirmOutcome, type DecidedOutcome, type Outcome } from '../presentation/outcome.ts'
import { findPlaces } from '../record/box.ts'
import {
  type Act,
  type ConsentState,
  DecisionRefused,
  decide,
  needsAuthority,
  type RequestFacts,
} from './consent-policy.ts'
import { type DecisionFacts, readDecisionFacts, writeDecision } from './decision.sql.ts'
import { authorityOf, withStandingYes } from './live-authority.ts'
import { effectiveAt, partyTag, prepareDecision } from './prepare-decision.ts'
import { findStillGiven } from './still-given.ts'

const MOST_ATTEMPTS = 8

/**
 * Lets a guardian's signed and confirmed decision take effect, when the school stands behind its credential, and behind that of
 * an earlier yes which would count with it; who takes back what stands on an own yes needs nobody behind them. One statement moves the
 * request, keeps the evidence, claims or flips the consent's bit, appends to the log and uses up the presentation; receipt or notice is
 * queued in the same transaction.
 * Returns what came of it; where the policy gives the act no effect that is `not-decided` with the reason, and the presentation is used
 * up all the same. Throws ProtocolError 404 when the presentation was confirmed meanwhile, 503 when others keep coming first, the
 * status of a credential cannot be read, or the log is stopped.
 */
export async function acceptDecision(
  deps: Deps,
  idHash: Buffer,
  signed: SignedDecision,
  asRead: DecisionFacts,
): Promise<Outcome> {
  const { guardian, document } = signed
  deps.head.assertIntact()
  const authority = await authorityWhereNeeded(deps, signed, asRead)
  const takesBack = document.decision !== 'yes' && asRead.recorded === 'given'
  const stillGiven = takesBack ? await findStillGiven(deps, guardian, document.handle) : []
  let facts = await standing(deps, document, asRead)
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const isFirst = facts.child_tag === null
    const places = isFirst ? await findPlaces(deps, guardian, document.handle, attempt > 0) : undefined
    const judged = judge(deps, facts)
    const prepared = refusedOr(() =>
      prepareDecision(deps, { ...signed, idHash, authority, facts, places, stillGiven }, judged),
    )
    if (prepared instanceof DecisionRefused) return useUp(deps, idHash, document.handle, prepared)
    if (await commit(deps, prepared)) return told(deps, idHash, prepared.outcome)
    facts = await standing(deps, document, await readDecisionFacts(deps.db, document.handle))
  }
  throw new ProtocolError(503, 'temporarily_unavailable', 'others decided at the same moment', {
    headers: { 'retry-after': '1' },
  })
}

function standing(
  deps: Deps,
  { handle, decision }: Decision,
  facts: DecisionFacts,
): Promise<DecisionFacts> | DecisionFacts {
  return decision === 'yes' ? withStandingYes(deps, handle, facts) : facts
}

/** What a consent stands on never changes, so what is not needed now is not needed at a second attempt either. */
async function authorityWhereNeeded(
  deps: Deps,
  signed: SignedDecision,
  facts: DecisionFacts,
): Promise<Act['authority']> {
  const { handle, decision: word } = signed.document
  const party = partyTag(deps, handle, signed.guardian).toString('hex')
  return needsAuthority(factsOf(facts), { word, party }) ? authorityOf(deps, signed) : 'not-asked'
}

function judge(deps: Pick<Deps, 'now'>, facts: DecisionFacts): (act: Act) => ConsentState {
  return (act) => decide(factsOf(facts), act, deps.now())
}

function factsOf(facts: DecisionFacts): RequestFacts {
  const { recorded, guardians, expires_at: expiresAt, until, said_yes: saidYes, given_by: givenBy } = facts
  return { recorded, guardians, expiresAt, until, saidYes, givenBy }
}

function refusedOr<T>(step: () => T): T | DecisionRefused {
  try {
    return step()
  } catch (error) {
    if (error instanceof DecisionRefused) return error
    throw error
  }
}

/** An act without effect is told to the guardian who took it, and cannot be tried again later with the same signature. */
async function useUp(deps: Deps, idHash: Buffer, handle: string, { code: reason }: DecisionRefused): Promise<Outcome> {
  const outcome: Outcome = { result: 'not-decided', handle, reason }
  if (!(await confirmOutcome(deps, idHash, outcome))) throw unknownPresentation()
  return outcome
}

/** False when another decision came first, or a place in the box or list was taken: judge again. */
async function commit(deps: Deps, { write, job }: ReturnType<typeof prepareDecision>): Promise<boolean> {
  try {
    await deps.db.transaction(async (tx) => {
      const { claimed, moved, boxed } = await writeDecision(tx, write)
      if (!claimed) throw unknownPresentation()
      if (!moved || (write.places !== undefined && !boxed)) throw new CameSecond()
      if (job !== undefined) await deps.jobs.send(tx, job.queue, job.data, { group: job.group })
    })
    return true
  } catch (error) {
    if (error instanceof CameSecond) return false
    throw error
  }
}

/** A commit that took long moves the moment that was promised. */
async function told(deps: Deps, idHash: Buffer, outcome: DecidedOutcome): Promise<DecidedOutcome> {
  const later = effectiveAt(deps.now())
  if (outcome.effective_at === undefined || later <= outcome.effective_at) return outcome
  const moved = { ...outcome, effective_at: later }
  await amendOutcome(deps, idHash, moved)
  return moved
}

class CameSecond extends Error {}
