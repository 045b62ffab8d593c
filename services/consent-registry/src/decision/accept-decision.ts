import type { Decision } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { PresentedCredential } from '@samen/openid4vp'
import type { JsonObject } from '@samen/strict-json'
import type { Deps } from '../deps.ts'
import type { AnsweredPresentation } from '../presentation/answer.ts'
import { readGuardian } from '../presentation/guardianship-query.ts'
import { type DecisionFacts, readDecisionFacts } from '../presentation/presentation.sql.ts'
import { unknownPresentation } from '../presentation/serve-request.ts'
import { findPlaces } from '../record/box.ts'
import { type ConsentState, DecisionRefused, decide, type RefusalCode } from './consent-policy.ts'
import { writeDecision } from './decision.sql.ts'
import { effectiveAt, prepareDecision } from './prepare-decision.ts'

/** A verified answer to the question of one decision. `salt` and `document` are those that the nonce was made of. */
export type SignedDecision = {
  readonly idHash: Buffer
  readonly facts: DecisionFacts
  readonly presented: Record<string, PresentedCredential>
  readonly vpToken: JsonObject
  readonly salt: string
  readonly document: Decision
}

const MOST_ATTEMPTS = 8

/**
 * Lets a guardian's signed decision take effect: one statement moves the request, keeps the evidence, claims or flips the
 * consent's bit, appends to the log and uses up the presentation; receipt or notice is queued in the same transaction.
 * Throws ProtocolError 403 `access_denied` when the credential is of another school or the act has no effect, 404 when the
 * presentation was answered meanwhile, 503 when others keep coming first.
 */
export async function acceptDecision(deps: Deps, signed: SignedDecision): Promise<AnsweredPresentation['reply']> {
  const { document } = signed
  const guardian = readGuardian(signed.presented, deps.publicUrl, document.app)
  // Only the school of the request knows who has authority over its pupil.
  if (guardian.school !== document.school) throw refusal('another_child')
  let facts = signed.facts
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const isFirst = facts.child_tag === null
    const places = isFirst ? await findPlaces(deps, guardian, document.handle, attempt > 0) : undefined
    const prepared = prepareDecision(deps, { ...signed, facts, guardian, places }, (act) => judge(deps, facts, act))
    if (await commit(deps, prepared)) return told(deps, prepared.reply)
    facts = await readDecisionFacts(deps.db, document.handle)
  }
  throw new ProtocolError(503, 'temporarily_unavailable', 'others decided at the same moment', {
    headers: { 'retry-after': '1' },
  })
}

function judge(deps: Pick<Deps, 'now'>, facts: DecisionFacts, act: Parameters<typeof decide>[1]): ConsentState {
  const { recorded, guardians, expires_at: expiresAt, until, said_yes: saidYes } = facts
  try {
    return decide({ recorded, guardians, expiresAt, until, saidYes }, act, deps.now())
  } catch (error) {
    if (error instanceof DecisionRefused) throw refusal(error.code, error)
    throw error
  }
}

/** False when another decision came first, or a place in the box or list was taken: judge again. */
async function commit(deps: Deps, { write, job }: ReturnType<typeof prepareDecision>): Promise<boolean> {
  try {
    await deps.db.transaction(async (tx) => {
      const { claimed, moved, boxed } = await writeDecision(tx, write)
      if (!claimed) throw unknownPresentation()
      if (!moved || (write.places !== undefined && !boxed)) throw new CameSecond()
      if (job !== undefined) await deps.jobs.send(tx, job.queue, job.data)
    })
    return true
  } catch (error) {
    if (error instanceof CameSecond) return false
    throw error
  }
}

/** A commit that took long moves the moment that was promised. */
function told(deps: Pick<Deps, 'now'>, reply: AnsweredPresentation['reply']): AnsweredPresentation['reply'] {
  if (reply.effective_at === undefined || effectiveAt(deps.now()) <= reply.effective_at) return reply
  return { ...reply, effective_at: effectiveAt(deps.now()) }
}

class CameSecond extends Error {}

const REASONS: Record<RefusalCode, string> = {
  another_child: 'this request is about a pupil over whom this credential gives no authority',
  holders_disagree: 'the credentials of the guardians disagree on how many hold authority; the school can correct this',
  already_said: 'this guardian has said so already',
  nothing_to_withdraw: 'this request was not granted, so there is nothing to withdraw',
  ended: 'this request has ended',
}

function refusal(code: RefusalCode, cause?: unknown): ProtocolError {
  return new ProtocolError(403, 'access_denied', REASONS[code], { cause })
}
