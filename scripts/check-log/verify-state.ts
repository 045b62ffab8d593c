import { DELETION_DAYS } from '@samen/consent'
import { sha256Base64url } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import { assertNear, assertSame, type Say } from './compare.ts'
import type { RecordedConsent } from './family-record.ts'

type State = 'requested' | 'given' | 'refused' | 'withdrawn' | 'expired'
/** What a word can make of a state; a yes leaves it open as long as somebody else has to say yes too. Nothing leaves an ended one. */
const NEXT: Record<State, Partial<Record<string, readonly State[]>>> = {
  requested: { yes: ['requested', 'given'], no: ['refused'] },
  given: { no: ['withdrawn'], withdraw: ['withdrawn'] },
  refused: {},
  withdrawn: {},
  expired: {},
}
/** What the end of its time makes of a state. A refused question is closed when a silent one is, and stays refused. */
const ENDED: Partial<Record<string, Partial<Record<State, State>>>> = {
  'request-expired': { requested: 'expired', refused: 'refused' },
  'consent-expired': { given: 'expired' },
}
const DAY_MS = 86_400_000

/** Checks that the state and the dates of a request follow from its log entries, in their order. Throws CheckFault. */
export function verifyState(consent: RecordedConsent, events: readonly JsonObject[], say: Say, now: Date): void {
  let state: State = 'requested'
  for (const event of events) {
    const next = stateAfter(state, event)
    if (next === undefined) throw say('its answers cannot have led to what was logged')
    state = next
  }
  if (consent.state !== state && !isPastLastDay(consent, state, say, now))
    throw say(`it says ${consent.state}, and the log says ${state}`)
  const decisions = events.filter(({ type }) => type === 'decision')
  const given = decisions.find((event) => event['state'] === 'given')
  assertSame(say, 'the time of the consent', consent.given_at, given?.['at'] ?? null)
  const ended = decisions.find((event) => event['state'] === 'withdrawn')
  assertSame(say, 'the withdrawal', consent.withdrawal?.at ?? null, ended?.['at'] ?? null)
  assertSame(say, 'the last day of deletion', consent.withdrawal?.delete_by ?? null, ended?.['delete_by'] ?? null)
  verifyDeleteBy(consent, ended?.['delete_by'] ?? null, say)
}

function stateAfter(state: State, { type, decision, state: made }: JsonObject): State | undefined {
  if (type === 'decision') return NEXT[state][String(decision)]?.find((next) => next === made)
  const ended = ENDED[String(type)]
  return ended === undefined ? state : ended[state]
}

/** The last day, which everybody signed, ends a question or a consent by itself. Every other end is logged. */
function isPastLastDay({ state, until }: RecordedConsent, logged: State, say: Say, now: Date): boolean {
  const isOpen = logged === 'requested' || logged === 'given'
  return state === 'expired' && isOpen && now.getTime() >= startOf(until, say) + DAY_MS
}

/** After the last day it is so many days later, or no day at all: who never had the receipt has nothing to delete. */
function verifyDeleteBy(
  { state, delete_by: shown, given_at, until }: RecordedConsent,
  logged: unknown,
  say: Say,
): void {
  if (state !== 'expired' || given_at === null || shown === null) {
    assertSame(say, 'the last day of deletion', shown, logged)
    return
  }
  const day = new Date(startOf(until, say) + DELETION_DAYS * DAY_MS).toISOString().slice(0, 10)
  assertSame(say, 'the last day of deletion', shown, day)
}

function startOf(day: string, say: Say): number {
  const start = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== day) throw say('its last day is no day')
  return start.getTime()
}

/** Checks what the record shows of the deletion: the app's own statement by its hash, or that it is late. Throws CheckFault. */
export function verifyDeletion(consent: RecordedConsent, events: readonly JsonObject[], say: Say): void {
  const confirmed = events.find(({ type }) => type === 'deletion-confirmed')
  const { deletion_receipt: receipt } = consent
  const hash = receipt === null ? null : sha256Base64url(receipt.message)
  assertSame(say, 'the receipt of the deletion', hash, confirmed?.['message_hash'] ?? null)
  if (receipt !== null) assertNear(say, 'the day of the deletion', receipt.received_at, confirmed?.['at'])
  const isOverdue = confirmed === undefined && events.some(({ type }) => type === 'deletion-overdue')
  assertSame(say, 'a deletion that is overdue', consent.deletion_overdue_since !== null, isOverdue)
}
