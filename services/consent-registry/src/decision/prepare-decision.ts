import { bindPseudonym, DELETION_DAYS, type Decision, evidenceHash } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { LEASE_SECONDS, LIST_SIZE } from '../consent-list/sign-lists.ts'
import type { Deps } from '../deps.ts'
import { prepareEvent } from '../log/append-event.ts'
import type { SignedDecision } from '../presentation/answer.ts'
import type { Guardian } from '../presentation/guardianship-query.ts'
import { type DecidedOutcome, sealOutcome } from '../presentation/outcome.ts'
import { QUEUES } from '../queues.ts'
import { receiptContext } from '../receipt/send-receipt.ts'
import type { BoxPlaces } from '../record/box.ts'
import type { Act, ConsentState } from './consent-policy.ts'
import type { DecisionFacts, DecisionWrite } from './decision.sql.ts'
import { evidenceOf, sealEvidence } from './evidence.ts'

const DAY_MS = 86_400_000
const INDEX_CANDIDATES = 16

type Judged = SignedDecision & {
  idHash: Buffer
  authority: Act['authority']
  facts: DecisionFacts
  places: BoxPlaces | undefined
  /** what the person is told to stand beside what they take back */
  stillGiven: string[]
}

/**
 * Works out everything that a decision writes, without writing. `judge` is the policy; it throws when the act has no effect.
 * Tags are keyed per handle: nothing stored is the same for two requests of one child, or of one parent.
 */
export function prepareDecision(deps: Deps, signed: Judged, judge: (act: Act) => ConsentState) {
  const { document, guardian, facts, idHash } = signed
  const { handle } = document
  const tags = {
    party: partyTag(deps, handle, guardian),
    child: deps.keyring.mac('child', handle, guardian.ward),
    holders: document.decision === 'yes' ? deps.keyring.mac('holders', handle, String(guardian.holders)) : null,
  }
  const state = judge(actOf(signed, tags))
  const at = deps.now()
  const deleteBy =
    state === 'withdrawn' ? new Date(at.getTime() + DELETION_DAYS * DAY_MS).toISOString().slice(0, 10) : null
  const outcome: DecidedOutcome = {
    result: 'decided',
    handle,
    decision: document.decision,
    state,
    ...(deleteBy !== null && { effective_at: effectiveAt(at), delete_by: deleteBy }),
    ...(state === 'withdrawn' && signed.stillGiven.length > 0 && { still_given: signed.stillGiven }),
  }
  const write: DecisionWrite = {
    handle,
    revision: facts.revision,
    state,
    word: document.decision,
    at,
    partyTag: tags.party,
    childTag: tags.child,
    holdersTag: tags.holders,
    sealedEvidence: sealEvidence(deps, evidenceOf(signed)),
    places: signed.places,
    given:
      state === 'given' ? { by: standingOn(facts, tags.party), ...prepareConsent(deps, handle, guardian) } : undefined,
    deleteBy,
    event: decisionEvent({ ...deps, now: () => at }, signed, state, deleteBy),
    confirmation: sealOutcome(deps, idHash, outcome),
  }
  return { write, outcome, job: jobFor(deps, document, state) }
}

/** The same for all that one guardian says about one request, and for nothing else. */
export function partyTag({ keyring }: Pick<Deps, 'keyring'>, handle: string, { person }: Guardian): Buffer {
  return keyring.mac('party', handle, person)
}

type Tags = { readonly party: Buffer; readonly child: Buffer; readonly holders: Buffer | null }

function actOf({ document, guardian, authority, facts }: Judged, tags: Tags): Act {
  const party = tags.party.toString('hex')
  const act = { party, authority, sameChild: facts.child_tag?.equals(tags.child) ?? true }
  const { decision: word } = document
  if (word !== 'yes') return { ...act, word }
  const isSame = tags.holders !== null && facts.holders_tag?.equals(tags.holders) === true
  return { ...act, word, sameHolders: facts.said_yes.length === 0 || isSame, holders: asked(guardian.holders) }
}

/** Those whose yes still counted when the last one was said. */
function standingOn(facts: DecisionFacts, last: Buffer): Buffer[] {
  return [...facts.said_yes.map((party) => Buffer.from(party, 'hex')), last]
}

function asked<T>(value: T | 'not-asked'): T {
  if (value === 'not-asked') throw new Error('a yes came without what a yes is asked for')
  return value
}

/**
 * By when a withdrawal that commits now is effective everywhere: a list that misses it was signed before, and dies one lease
 * later. In whole seconds, with one to spare for the commit.
 */
export function effectiveAt(now: Date): string {
  return new Date((Math.ceil(now.getTime() / 1000) + LEASE_SECONDS + 1) * 1000).toISOString()
}

/** The binding is computed here, once; the pseudonym it is made of is forgotten with this call. */
function prepareConsent(deps: Pick<Deps, 'keyring' | 'random' | 'lists'>, handle: string, guardian: Guardian) {
  const list = deps.lists.openList()
  if (list === undefined) {
    throw new ProtocolError(503, 'temporarily_unavailable', 'the consent list is not yet open', {
      headers: { 'retry-after': '2' },
    })
  }
  const binding_salt = deps.random(16).toString('base64url')
  const receipt = { binding_salt, binding: bindPseudonym(binding_salt, asked(guardian.wardForApp)) }
  const random = deps.random(INDEX_CANDIDATES * 4)
  const candidates = Array.from({ length: INDEX_CANDIDATES }, (_, i) => random.readUInt32BE(i * 4) % LIST_SIZE)
  return { list, candidates, sealedReceipt: deps.keyring.seal(JSON.stringify(receipt), receiptContext(handle)) }
}

/** With the hash of what the wallet signed, so that nobody can put another signature behind the same words later. */
function decisionEvent(deps: Deps, signed: SignedDecision, state: ConsentState, deleteBy: string | null) {
  const { handle, decision, purpose_id, purpose_version, purpose_hash } = signed.document
  const evidence_hash = evidenceHash(evidenceOf(signed))
  const event = { type: 'decision', decision, state, purpose_id, purpose_version, purpose_hash, evidence_hash }
  return prepareEvent(deps, { handle, event: deleteBy === null ? event : { ...event, delete_by: deleteBy } })
}

/** The id of a message stays the same however often it is sent. */
function jobFor(deps: Pick<Deps, 'random'>, { handle, app }: Decision, state: ConsentState) {
  const data = { handle, jti: deps.random(16).toString('base64url') }
  const group = new URL(app).origin
  if (state === 'given') return { queue: QUEUES.receipt.name, data, group }
  if (state === 'withdrawn') return { queue: QUEUES.notice.name, data, group }
  return undefined
}
