import type { X509Certificate } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { evidenceHash } from '@samen/consent'
import { sha256Base64url } from '@samen/jwt-profile'
import { canonicalJson, type JsonObject, type JsonValue } from '@samen/strict-json'
import { CheckFault, CONTRADICTED } from './advice.ts'
import type { FamilyRecord, RecordedConsent } from './family-record.ts'
import { verifyEvidence } from './verify-evidence.ts'

type State = 'requested' | 'given' | 'refused' | 'withdrawn'
/** What a word can make of a state; a yes leaves it open as long as somebody else has to say yes too. Nothing leaves an ended one. */
const NEXT: Record<State, Partial<Record<string, readonly State[]>>> = {
  requested: { yes: ['requested', 'given'], no: ['refused'] },
  given: { no: ['withdrawn'], withdraw: ['withdrawn'] },
  refused: {},
  withdrawn: {},
}
const SLACK_MS = 60_000

/** `now` is the moment of checking; `authority` that of the federation, when the reader has it. */
export type Check = { readonly now: Date; readonly authority: X509Certificate | undefined }

/**
 * Checks what the record shows about each request against its log entries, which are proved before: texts by their hash, parties, each
 * decision with what its holder signed, the state that follows from them, dates, and the receipt of the deletion.
 * Entries and requests have to cover each other. What is in the log and nowhere in the record cannot be seen here. Throws CheckFault.
 */
export function verifyConsents({ consents, events }: FamilyRecord, check: Check): void {
  const logged = Map.groupBy(
    events.map(({ event }) => event),
    (event) => event['handle'],
  )
  for (const consent of consents) verifyConsent(consent, logged.get(consent.handle) ?? [], check)
  const shown = new Set(consents.map(({ handle }) => handle))
  if (shown.size !== consents.length) throw contradicted('one request is shown twice')
  if (logged.size !== shown.size) throw contradicted('there are log entries of a request that is not shown')
}

function verifyConsent(consent: RecordedConsent, events: readonly JsonObject[], check: Check): void {
  const { handle } = consent
  const say = (fault: string) => contradicted(`request ${handle}: ${fault}`)
  const [asked, ...others] = events
  if (asked?.['type'] !== 'consent-requested') throw say('its log entries do not begin with the question')
  assertSame(say, 'the app', consent.app.entity_id, asked['app'])
  assertSame(say, 'the school', consent.school.entity_id, asked['school'])
  assertNear(say, 'the day of the question', consent.requested_at, asked['at'])
  verifyPurpose(consent, asked, say)
  const decisions = others.filter(({ type }) => type === 'decision')
  if (decisions.length !== consent.decisions.length) throw say('it shows more or fewer answers than were logged')
  for (const event of decisions) verifyDecision(consent, event, say, check)
  verifyState(consent, decisions, say, check.now)
  verifyDeletion(consent, others, say)
}

type Say = (fault: string) => CheckFault

/** The page of the request showed this text, and everybody who decided signed its hash. */
function verifyPurpose({ purpose }: RecordedConsent, asked: JsonObject, say: Say): void {
  const { document, hash, claims, id, version, title, why, legal_basis, retention } = purpose
  if (sha256Base64url(canonicalJson(document as JsonValue)) !== hash)
    throw say('the text is not the one that was asked')
  const shown = { id, version, title, why, legal_basis, retention, claims: claims.map(factAndReason) }
  const meant = Object.fromEntries(Object.keys(shown).map((name) => [name, document[name as keyof typeof document]]))
  if (!isDeepStrictEqual(shown, { ...meant, claims: document.claims.map(factAndReason) }))
    throw say('it shows another text than the one that was asked')
  assertSame(say, 'the purpose', `${id}/${version}`, `${asked['purpose_id']}/${asked['purpose_version']}`)
}

const factAndReason = ({ fact, why }: { fact: string; why: unknown }) => ({ fact, why })

function verifyDecision(consent: RecordedConsent, event: JsonObject, say: Say, { authority }: Check): void {
  const found = consent.decisions.filter(({ evidence }) => evidenceHash(evidence) === event['evidence_hash'])
  const [shown] = found
  if (shown === undefined || found.length > 1) throw say('what was signed is not what was logged')
  const { document } = shown.evidence
  assertSame(say, 'an answer', shown.decision, event['decision'])
  assertSame(say, 'an answer', shown.decision, document.decision)
  assertSame(say, 'the time of an answer', shown.at, event['at'])
  assertSame(say, 'the request that was signed', document.handle, consent.handle)
  assertSame(say, 'the text that was signed', document.purpose_hash, consent.purpose.hash)
  assertSame(say, 'the text that was signed', document.purpose_hash, event['purpose_hash'])
  assertSame(say, 'the app', consent.app.entity_id, document.app)
  assertSame(say, 'the school', consent.school.entity_id, document.school)
  assertSame(say, 'the last day', consent.until, document.until)
  verifyEvidence(shown.evidence, new Date(shown.at), authority)
}

function verifyState(consent: RecordedConsent, decisions: readonly JsonObject[], say: Say, now: Date): void {
  let state: State = 'requested'
  for (const event of decisions) {
    const next: State | undefined = NEXT[state][String(event['decision'])]?.find((one) => one === event['state'])
    if (next === undefined) throw say('its answers cannot have led to what was logged')
    state = next
  }
  if (consent.state !== state && !hasExpired(consent, state, now))
    throw say(`it says ${consent.state}, and the log says ${state}`)
  const given = decisions.find((event) => event['state'] === 'given')
  assertSame(say, 'the time of the consent', consent.given_at, given?.['at'] ?? null)
  const ended = decisions.find((event) => event['state'] === 'withdrawn')
  assertSame(say, 'the withdrawal', consent.withdrawal?.at ?? null, ended?.['at'] ?? null)
  assertSame(say, 'the last day of deletion', consent.withdrawal?.delete_by ?? null, ended?.['delete_by'] ?? null)
}

/** Time alone ends what was asked or given, and nothing else is ever called expired. */
function hasExpired({ state, until, expires_at }: RecordedConsent, logged: State, now: Date): boolean {
  const isPast = now.toISOString().slice(0, 10) > until
  const isClosed = logged === 'requested' && new Date(expires_at) <= now
  return state === 'expired' && (logged === 'requested' || logged === 'given') && (isPast || isClosed)
}

function verifyDeletion(consent: RecordedConsent, events: readonly JsonObject[], say: Say): void {
  const confirmed = events.find(({ type }) => type === 'deletion-confirmed')
  const { deletion_receipt: receipt } = consent
  const hash = receipt === null ? null : sha256Base64url(receipt.message)
  assertSame(say, 'the receipt of the deletion', hash, confirmed?.['message_hash'] ?? null)
  if (receipt !== null) assertNear(say, 'the day of the deletion', receipt.received_at, confirmed?.['at'])
  const isOverdue = confirmed === undefined && events.some(({ type }) => type === 'deletion-overdue')
  assertSame(say, 'a deletion that is overdue', consent.deletion_overdue_since !== null, isOverdue)
}

function assertSame(say: Say, what: string, shown: unknown, logged: unknown): void {
  if (shown !== logged) throw say(`${what} is shown otherwise than it was logged`)
}

/** Written down in one transaction, though not at the same instant. */
function assertNear(say: Say, what: string, shown: string, logged: unknown): void {
  const apart = Math.abs(Date.parse(shown) - Date.parse(String(logged)))
  if (!(apart <= SLACK_MS)) throw say(`${what} is shown otherwise than it was logged`)
}

function contradicted(fault: string): CheckFault {
  return new CheckFault(CONTRADICTED, fault)
}
