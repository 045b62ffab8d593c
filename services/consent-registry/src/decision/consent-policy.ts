/** Where one request stands. `suspended` and re-asking come with the full legal policy; nothing here ever leaves an ended state. */
export type ConsentState = 'requested' | 'given' | 'refused' | 'withdrawn' | 'expired'

/** What is known of a request when somebody acts. Parties are opaque tags, the same for one guardian of this request. */
export type RequestFacts = {
  /** what the last decision left behind */
  readonly recorded: ConsentState
  /** the school's agreement, as it was when the question was put */
  readonly guardians: 'every' | 'one'
  readonly expiresAt: Date
  /** YYYY-MM-DD, the last day on which a yes holds */
  readonly until: string
  /** before a yes those whose authority still stands, before a no or a withdrawal everybody */
  readonly saidYes: readonly string[]
  /** those on whose yes the consent stands; nobody before it is given */
  readonly givenBy: readonly string[]
}

/** One guardian's act, as proven by a guardianship credential of the request's school. */
export type Act = GivingAct | TakingAct

type AnyAct = {
  readonly party: string
  /**
   * `ended` when the school has taken the credential back, it has run out, or for a yes when the pupil decides by now; `not-asked` where
   * `needsAuthority` says that it does not matter
   */
  readonly authority: 'live' | 'ended' | 'not-asked'
  /** false when an earlier decision was about another child */
  readonly sameChild: boolean
}

type GivingAct = AnyAct & {
  readonly word: 'yes'
  /** false when an earlier yes that still stands came with another number of holders */
  readonly sameHolders: boolean
  /** how many persons hold authority, the actor included */
  readonly holders: number
}

/** It does not matter how many others the school counts. */
type TakingAct = AnyAct & { readonly word: 'no' | 'withdraw' }

export type RefusalCode =
  | 'authority_ended'
  | 'another_child'
  | 'holders_disagree'
  | 'already_said'
  | 'nothing_to_withdraw'
  | 'ended'

/** The act has no effect; `code` says why, for the guardian and for tests. */
export class DecisionRefused extends Error {
  override readonly name = 'DecisionRefused'
  readonly code: RefusalCode
  constructor(code: RefusalCode) {
    super(code)
    this.code = code
  }
}

/**
 * The state of a request at a moment, from what was recorded. Time only ever ends things: silence expires, it never gives,
 * and a yes ends with its last day (UTC).
 */
export function stateAt(facts: Pick<RequestFacts, 'recorded' | 'expiresAt' | 'until'>, now: Date): ConsentState {
  const isPast = now.toISOString().slice(0, 10) > facts.until
  if (facts.recorded === 'requested' && (isPast || now >= facts.expiresAt)) return 'expired'
  if (facts.recorded === 'given' && isPast) return 'expired'
  return facts.recorded
}

/**
 * Whether the school still has to say that who acts is a guardian. Those on whose yes a consent stands take it back also after the school
 * counts them no longer: the child left, the credential ran out, the school is gone. It only takes away, and only what they gave
 * (`docs/adr/0015`).
 */
export function needsAuthority({ givenBy }: RequestFacts, { word, party }: Pick<Act, 'word' | 'party'>): boolean {
  return word === 'yes' || !givenBy.includes(party)
}

/**
 * The state after an act. Required parties are an AND: `every` asks a yes of each holder of authority, each a veto; one `no`
 * refuses for good; any guardian of the child ends a given consent, whether or not the yes was theirs.
 * A `no` that arrives after the last yes ends the consent: a veto never bounces because it came a second late.
 * Throws DecisionRefused when the act has no effect.
 */
export function decide(facts: RequestFacts, act: Act, now: Date): ConsentState {
  if (act.authority !== 'live' && needsAuthority(facts, act)) throw new DecisionRefused('authority_ended')
  if (!act.sameChild) throw new DecisionRefused('another_child')
  const state = stateAt(facts, now)
  if (state === 'requested') return decideOpen(facts, act)
  if (state === 'given') return decideGiven(facts, act)
  throw new DecisionRefused('ended')
}

function decideOpen(facts: RequestFacts, act: Act): ConsentState {
  if (act.word !== 'yes') {
    if (act.word === 'no') return 'refused'
    throw new DecisionRefused('nothing_to_withdraw')
  }
  if (facts.saidYes.includes(act.party)) throw new DecisionRefused('already_said')
  if (!act.sameHolders) throw new DecisionRefused('holders_disagree')
  const needed = facts.guardians === 'one' ? 1 : act.holders
  return facts.saidYes.length + 1 >= needed ? 'given' : 'requested'
}

function decideGiven(facts: RequestFacts, act: Act): ConsentState {
  if (act.word !== 'yes') return 'withdrawn'
  throw new DecisionRefused(facts.saidYes.includes(act.party) ? 'already_said' : 'ended')
}
