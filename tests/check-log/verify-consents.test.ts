import { X509Certificate } from 'node:crypto'
import { VCT_PUPIL } from '@samen/consent'
import { generateSigningKey } from '@samen/jwt-profile'
import { verifyLogRecord } from '@samen/transparency-log'
import t from 'tap'
import { type Advice, CheckFault, CONTRADICTED, FORGED } from '../../scripts/check-log/advice.ts'
import { readFamilyRecord } from '../../scripts/check-log/family-record.ts'
import { verifyAddresses } from '../../scripts/check-log/verify-addresses.ts'
import { verifyConsents } from '../../scripts/check-log/verify-consents.ts'
import { anchorFile, certified, type Forging, key, logOf, makeFamily, recordOf } from './make-record.ts'

const family = makeFamily()
const record = await recordOf(family, logOf(family, [300]))
const head = verifyLogRecord(record, key.verifierKey)
const NOW = new Date('2026-11-25T12:00:00Z')
const authority = new X509Certificate(JSON.parse(anchorFile).ca)

type FamilyRecord = typeof record
const first = (copy: FamilyRecord) => copy.consents[0] as FamilyRecord['consents'][0]
const verify = (checked: FamilyRecord, { now = NOW, by = undefined as X509Certificate | undefined } = {}) => {
  const read = readFamilyRecord(JSON.parse(JSON.stringify(checked)))
  verifyAddresses(read, head)
  verifyConsents(read, { now, authority: by })
}

/** What the reader is told, or undefined when there is nothing to tell. */
function faultOf(step: () => void): Advice | undefined {
  try {
    step()
    return undefined
  } catch (error) {
    if (error instanceof CheckFault) return error.advice
    throw error
  }
}

t.test('a true record says what its entries say', async () => {
  verify(record)
  verify(record, { by: authority })
})

t.test('what a parent reads cannot be changed without being found', async (t) => {
  const forgeries: Record<string, (copy: FamilyRecord) => void> = {
    'a withdrawn consent that is called given': (copy) => Object.assign(first(copy), { state: 'given' }),
    'a withdrawn consent that is called expired': (copy) => Object.assign(first(copy), { state: 'expired' }),
    'a withdrawal that is left out': (copy) => Object.assign(first(copy), { withdrawal: null }),
    'a withdrawal of another day': (copy) => Object.assign(first(copy).withdrawal, { at: '2026-11-21T10:03:00.000Z' }),
    'a later last day of deletion': (copy) => Object.assign(first(copy).withdrawal, { delete_by: '2027-12-20' }),
    'another receipt of the deletion': (copy) => Object.assign(first(copy).deletion_receipt, { message: 'a.b.c' }),
    'a receipt that is left out': (copy) => Object.assign(first(copy), { deletion_receipt: null }),
    'a deletion that is called overdue': (copy) => Object.assign(first(copy), { deletion_overdue_since: '2026-12-21' }),
    'a page of the request elsewhere': (copy) =>
      Object.assign(first(copy), { page_url: 'https://evil.example/requests/x' }),
    'a page of the purpose elsewhere': (copy) =>
      Object.assign(first(copy).purpose, { uri: 'https://evil.example/purposes/x/1' }),
    'an entry of another time': (copy) => Object.assign(copy.events[1] ?? {}, { at: copy.events[0]?.at }),
    'a longer log': (copy) => Object.assign(copy.log, { size: 301 }),
    'a log elsewhere': (copy) => Object.assign(copy.log, { url: 'https://evil.example/log' }),
    'no entries at all': (copy) => copy.events.splice(0),
    'no request at all': (copy) => copy.consents.splice(0),
    'a request that is shown twice': (copy) => copy.consents.push(first(copy)),
    'a withdrawal whose entry is left out': (copy) => copy.events.splice(3, 1),
    'an answer that is left out': (copy) => first(copy).decisions.pop(),
    'a no that is shown as a yes': (copy) => Object.assign(first(copy).decisions[2] ?? {}, { decision: 'yes' }),
    'an answer of another time': (copy) =>
      Object.assign(first(copy).decisions[0] ?? {}, { at: first(copy).requested_at }),
    'a consent of another time': (copy) => Object.assign(first(copy), { given_at: first(copy).requested_at }),
    'a longer consent': (copy) => Object.assign(first(copy), { until: '2029-07-31' }),
    'another app': (copy) => Object.assign(first(copy).app, { entity_id: 'https://other.example' }),
    'another school': (copy) => Object.assign(first(copy).school, { entity_id: 'https://other.example' }),
    'another reason': (copy) => Object.assign(first(copy).purpose, { why: { nl: 'Voor jou.', en: 'For you.' } }),
    'fewer facts': (copy) => Object.assign(first(copy).purpose, { claims: [] }),
    'another registered text': (copy) => Object.assign(first(copy).purpose.document, { retention: 'P9Y' }),
    'an exchanged signature': (copy) => Object.assign(first(copy).decisions[0]?.evidence ?? {}, { kb_jwt: 'a.b.c' }),
  }
  for (const [what, change] of Object.entries(forgeries)) {
    const copy = structuredClone(record)
    change(copy)
    t.equal(
      faultOf(() => verify(copy)),
      CONTRADICTED,
      what,
    )
  }
})

t.test('time ends what was given or asked, and nothing else is called expired', async (t) => {
  const expired = structuredClone(record)
  expired.events.splice(3)
  first(expired).decisions.pop()
  Object.assign(first(expired), { state: 'expired', withdrawal: null, delete_by: null, deletion_receipt: null })
  verify(expired, { now: new Date('2027-08-01T00:00:00Z') })
  t.equal(
    faultOf(() => verify(expired)),
    CONTRADICTED,
    'a consent that still holds',
  )
})

t.test('a yes that the registry made up, and logged, is not a yes', async (t) => {
  const forged = async (forging: Forging) => {
    const made = makeFamily(forging)
    return recordOf(made, logOf(made, [300]))
  }
  const cases: Record<string, Forging> = {
    'another key than the one in the credential': { signer: generateSigningKey() },
    'a no that was signed': { signed: { decision: 'no' } },
    'another text that was signed': { signed: { purpose_hash: 'A'.repeat(43) } },
    'another request that was signed': { signed: { handle: 'CCCCCCCCCCCCCCCCCCCCCC' } },
    'an old signature': { signedAt: new Date('2026-11-19T10:00:00Z') },
    'a credential about a pupil': { vct: VCT_PUPIL },
  }
  for (const [what, forging] of Object.entries(cases)) {
    const made = await forged(forging)
    t.equal(
      faultOf(() => verify(made)),
      FORGED,
      what,
    )
  }
  const other = await certified('https://other.example')
  const strangers = {
    'a certificate that is none': { ...generateSigningKey(), x5c: ['AAAA'] },
    'the certificate of another school': other,
    'the certificate of another school, and its own key': { ...generateSigningKey(), x5c: other.x5c ?? [] },
    'the certificate of the school, and its own key': {
      ...generateSigningKey(),
      x5c: (await certified('https://board.example/schools/west')).x5c ?? [],
    },
  }
  for (const [what, school] of Object.entries(strangers)) {
    const made = await forged({ school })
    t.equal(
      faultOf(() => verify(made, { by: authority })),
      FORGED,
      what,
    )
  }
})
