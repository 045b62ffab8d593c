import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { type Advice, CheckFault, CONTRADICTED, FORGED } from '../../scripts/check-log/advice.ts'
import { readFamilyRecord } from '../../scripts/check-log/family-record.ts'
import { verifyConsents } from '../../scripts/check-log/verify-consents.ts'
import { verifyEvidence } from '../../scripts/check-log/verify-evidence.ts'
import { anchorFile, type Family, logOf, makeFamily, PLACES, recordOf } from './make-record.ts'

const BEFORE_THE_LAST_DAY = new Date('2026-12-25T12:00:00Z')
const AFTER_IT = new Date('2027-08-01T00:00:00Z')
const authority = new X509Certificate(JSON.parse(anchorFile).ca)

/** What the reader is told, or undefined when there is nothing to tell. */
async function faultOf(
  family: Family,
  { now = BEFORE_THE_LAST_DAY, by = authority } = {},
): Promise<Advice | undefined> {
  const checked = await recordOf(family, logOf(family, [300]))
  return faultIn(() => verifyConsents(readFamilyRecord(JSON.parse(JSON.stringify(checked))), { now, authority: by }))
}

function faultIn(step: () => void): Advice | undefined {
  try {
    step()
    return undefined
  } catch (error) {
    if (error instanceof CheckFault) return error.advice
    throw error
  }
}

/** The family after so many of its answers, and what ended its question or its consent. */
function endedAfter(answers: number, type: string | undefined, shown: object): Family {
  const { consent, entries } = makeFamily()
  const end = {
    event: { type: type ?? '', handle: consent.handle, at: '2026-12-20T10:00:00.000Z' },
    salt: Buffer.alloc(16),
  }
  const ended = {
    ...consent,
    decisions: consent.decisions.slice(0, answers),
    given_at: answers > 1 ? consent.given_at : null,
    withdrawal: null,
    delete_by: null,
    deletion_receipt: null,
    state: 'expired',
    ...shown,
  }
  const kept = [...entries.slice(0, 1 + answers), ...(type === undefined ? [] : [end])]
  return { consent: ended, entries: kept.slice(0, PLACES.length) } as unknown as Family
}

t.test('an answer whose time is no time is believed by nobody', async (t) => {
  for (const at of ['yesterday', '', '2026-13-45T10:00:00.000Z', '2026-11-20']) {
    const family = makeFamily()
    Object.assign(family.consent.decisions[0] ?? {}, { at })
    Object.assign(family.entries[1]?.event ?? {}, { at })
    t.equal(await faultOf(family), CONTRADICTED, at)
  }
  const [{ evidence } = { evidence: undefined }] = makeFamily().consent.decisions
  t.equal(
    faultIn(() => verifyEvidence(evidence as never, new Date(Number.NaN), authority)),
    FORGED,
    'whoever asks',
  )
})

t.test('a question closes on the word of the log, a consent also by its last day', async (t) => {
  t.equal(await faultOf(endedAfter(1, 'request-expired', {})), undefined)
  t.equal(await faultOf(endedAfter(1, undefined, {})), CONTRADICTED, 'an end that nobody logged')
  const long = { expires_at: '2026-11-21T10:00:00.000Z' }
  t.equal(await faultOf(endedAfter(1, undefined, long)), CONTRADICTED, 'whatever moment the record gives for it')
  t.equal(
    await faultOf(endedAfter(1, 'request-expired', { state: 'requested' })),
    CONTRADICTED,
    'an end that is hidden',
  )
  t.equal(await faultOf(endedAfter(2, undefined, {}), { now: AFTER_IT }), undefined)
  t.equal(await faultOf(endedAfter(2, 'consent-expired', {}), { now: AFTER_IT }), undefined)
  t.equal(await faultOf(endedAfter(2, undefined, {})), CONTRADICTED, 'a consent that still holds')
  const wrong = endedAfter(1, 'consent-expired', {})
  t.equal(await faultOf(wrong), CONTRADICTED, 'the end of a consent that was never given')
})

t.test('nothing is answered after the end', async (t) => {
  const { consent, entries } = endedAfter(1, 'request-expired', {})
  const late = makeFamily()
  const after = {
    consent: { ...consent, decisions: late.consent.decisions.slice(0, 2), given_at: late.consent.given_at },
  }
  const [asked, first, second] = late.entries
  t.equal(
    await faultOf({ ...after, entries: [asked, first, entries[2], second] } as unknown as Family, { now: AFTER_IT }),
    CONTRADICTED,
  )
})

t.test('the last day on which an app may hold the facts is the one that follows', async (t) => {
  const told = (delete_by: string | null) => endedAfter(2, 'consent-expired', { delete_by })
  t.equal(await faultOf(told('2027-08-30'), { now: AFTER_IT }), undefined, 'thirty days after the last day')
  t.equal(await faultOf(told(null), { now: AFTER_IT }), undefined, 'or none, for an app that never had the receipt')
  t.equal(await faultOf(told('2028-08-30'), { now: AFTER_IT }), CONTRADICTED)
  const withdrawn = makeFamily()
  Object.assign(withdrawn.consent, { delete_by: '2027-12-20' })
  t.equal(await faultOf(withdrawn), CONTRADICTED, 'beside the one of the withdrawal')
  t.equal(await faultOf(endedAfter(2, undefined, { state: 'given', delete_by: '2027-08-30' })), CONTRADICTED)
})

t.test('a credential that had run out may take away, and never gives', async (t) => {
  t.equal(await faultOf(makeFamily({ nth: 2, lapsedDays: 0.25 })), undefined, 'the withdrawal')
  t.equal(await faultOf(makeFamily({ nth: 1, lapsedDays: 0.25 })), FORGED, 'a yes')
  t.equal(await faultOf(makeFamily({ nth: 2, lapsedDays: 30 })), FORGED, 'before its school was certified')
})
