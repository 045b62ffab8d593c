import type { X509Certificate } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { decisionNonce, evidenceHash } from '@samen/consent'
import { sha256Base64url } from '@samen/jwt-profile'
import { canonicalJson, type JsonObject, type JsonValue } from '@samen/strict-json'
import type { LogRecordEntry } from '@samen/transparency-log'
import { CheckFault, CONTRADICTED, FORGED } from './advice.ts'
import { assertNear, assertSame, readInstant, type Say } from './compare.ts'
import type { FamilyRecord, RecordedConsent } from './family-record.ts'
import { verifyEvidence } from './verify-evidence.ts'
import { verifyDeletion, verifyState } from './verify-state.ts'

/** `now` is the moment of checking; `authority` that of the federation, when the reader has it. */
export type Check = { readonly now: Date; readonly authority: X509Certificate | undefined }

/**
 * Checks what the record shows about each request against its log entries, which are proved before: texts by their hash, parties, each
 * decision with what its holder signed, the state that follows from them, dates, and the receipt of the deletion.
 * Entries and requests have to cover each other, and so have answers and signatures: one counts once. What is in the log and nowhere in
 * the record cannot be seen here. Throws CheckFault.
 */
export function verifyConsents({ consents, events }: FamilyRecord, check: Check): void {
  const logged = Map.groupBy(events, ({ event }) => event['handle'])
  for (const consent of consents) verifyConsent(consent, logged.get(consent.handle) ?? [], check)
  const shown = new Set(consents.map(({ handle }) => handle))
  if (shown.size !== consents.length) throw contradicted('one request is shown twice')
  if (logged.size !== shown.size) throw contradicted('there are log entries of a request that is not shown')
  assertSignedOnce(consents)
}

function verifyConsent(consent: RecordedConsent, entries: readonly LogRecordEntry[], check: Check): void {
  const { handle } = consent
  const say = (fault: string) => contradicted(`request ${handle}: ${fault}`)
  assertInOrder(entries, say)
  const [asked, ...others] = entries.map(({ event }) => event)
  if (asked?.['type'] !== 'consent-requested') throw say('its log entries do not begin with the question')
  assertSame(say, 'the app', consent.app.entity_id, asked['app'])
  assertSame(say, 'the school', consent.school.entity_id, asked['school'])
  assertNear(say, 'the day of the question', consent.requested_at, asked['at'])
  verifyPurpose(consent, asked, say)
  verifyDecisions(consent, others, say, check)
  verifyState(consent, others, say, check.now)
  verifyDeletion(consent, others, say)
}

/** Each at a place of its own, in the order of the log: an entry that is listed twice would stand for two answers. */
function assertInOrder(entries: readonly LogRecordEntry[], say: Say): void {
  let before = -1
  for (const { index } of entries) {
    if (index <= before) throw say('its log entries are not in the order of the log, or one is listed twice')
    before = index
  }
}

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

type Shown = RecordedConsent['decisions'][number]

/** One to one: two log entries that lead to the same answer would leave another one that nobody signed. */
function verifyDecisions(consent: RecordedConsent, events: readonly JsonObject[], say: Say, check: Check): void {
  const logged = events.filter(({ type }) => type === 'decision')
  if (logged.length !== consent.decisions.length) throw say('it shows more or fewer answers than were logged')
  const proved = new Set<Shown>()
  for (const event of logged) {
    const found = consent.decisions.filter(({ evidence }) => evidenceHash(evidence) === event['evidence_hash'])
    const [shown] = found
    if (shown === undefined || found.length > 1 || proved.has(shown))
      throw say('what was signed is not what was logged')
    proved.add(shown)
    verifyDecision(consent, shown, event, say, check)
  }
}

function verifyDecision(
  consent: RecordedConsent,
  shown: Shown,
  event: JsonObject,
  say: Say,
  { authority }: Check,
): void {
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
  verifyEvidence(shown.evidence, readInstant(say, 'the time of an answer', shown.at), authority)
}

/**
 * A wallet signs a nonce once. ES256 has two spellings of one signature, (r, s) and (r, n - s), and so have other parts of what is kept:
 * each of them has a hash of its own, and none is another answer.
 */
function assertSignedOnce(consents: readonly RecordedConsent[]): void {
  const signed = consents.flatMap(({ decisions }) => decisions.map(({ evidence }) => evidence))
  const nonces = signed.map(({ salt, document }) => decisionNonce(Buffer.from(salt, 'base64url'), document))
  if (new Set(nonces).size !== nonces.length) throw new CheckFault(FORGED, 'one signature is shown as two answers')
}

function contradicted(fault: string): CheckFault {
  return new CheckFault(CONTRADICTED, fault)
}
