import { type DecisionEvidence, evidenceHash } from '@samen/consent'
import t from 'tap'
import { type Advice, CheckFault, CONTRADICTED, FORGED, UNREADABLE } from '../../scripts/check-log/advice.ts'
import { readFamilyRecord } from '../../scripts/check-log/family-record.ts'
import { verifyConsents } from '../../scripts/check-log/verify-consents.ts'
import { type Family, logOf, makeFamily, recordOf } from './make-record.ts'

const NOW = new Date('2026-11-25T12:00:00Z')
/** The order of the curve of ES256: (r, s) and (r, n - s) are two spellings of one signature. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const decisionsOf = ({ consent }: Family) => consent.decisions
const record = (family: Family) => recordOf(family, logOf(family, [300]))

/** What the reader is told, or undefined when there is nothing to tell. */
function faultOf(checked: unknown): Advice | undefined {
  try {
    verifyConsents(readFamilyRecord(JSON.parse(JSON.stringify(checked))), { now: NOW, authority: undefined })
    return undefined
  } catch (error) {
    if (error instanceof CheckFault) return error.advice
    throw error
  }
}

/** A registry that puts this behind the second yes, and logs it. */
function secondYesFrom(make: (first: DecisionEvidence) => DecisionEvidence): Family {
  const family = makeFamily()
  const [first, second] = decisionsOf(family)
  const [, , entry] = family.entries
  if (first === undefined || second === undefined || entry === undefined) throw new Error('a family says yes twice')
  second.evidence = make(first.evidence)
  Object.assign(entry.event, { evidence_hash: evidenceHash(second.evidence) })
  return family
}

t.test('a yes that nobody signed is not covered by a log entry that leads to the yes of somebody else', async (t) => {
  const family = makeFamily()
  const [, first, second] = family.entries
  if (first === undefined || second === undefined) throw new Error('a family says yes twice')
  const { evidence_hash, at } = first.event as unknown as { evidence_hash: string; at: string }
  Object.assign(second.event, { evidence_hash, at })
  Object.assign(family.consent, { given_at: at })
  t.equal(faultOf(await record(family)), CONTRADICTED)
})

t.test('a yes that nobody signed is not covered by a log entry that the record lists twice', async (t) => {
  const family = makeFamily()
  const [first, second] = decisionsOf(family)
  const copy = await record(family)
  const [, entry] = copy.events
  if (first === undefined || second === undefined || entry === undefined) throw new Error('a family says yes twice')
  const invented = { ...first, evidence: { ...first.evidence, kb_jwt: 'a.b.c' } }
  copy.events.splice(2, 0, entry)
  copy.consents[0]?.decisions.splice(1, 0, invented)
  t.equal(faultOf(copy), CONTRADICTED)
})

t.test('log entries in another order than that of the log are not believed', async (t) => {
  const copy = await record(makeFamily())
  copy.events.push(...copy.events.splice(3, 2).reverse())
  t.equal(faultOf(copy), CONTRADICTED)
})

t.test('one signature is one answer, however it is written down', async (t) => {
  const spellings: Record<string, [Advice, (first: DecisionEvidence) => DecisionEvidence]> = {
    'beside a word that the school did not sign': [UNREADABLE, (first) => ({ ...first, note: 'x' })],
    'beside a word in the document': [
      UNREADABLE,
      (first) => ({ ...first, document: { ...first.document, note: 'x' } as never }),
    ],
    'with the other spelling of the signature of the holder': [
      FORGED,
      (first) => ({ ...first, kb_jwt: twinOf(first.kb_jwt) }),
    ],
    'with the other spelling of the signature of the school': [
      FORGED,
      (first) => ({ ...first, issuer_jwt: twinOf(first.issuer_jwt) }),
    ],
    'with the same salt in another spelling': [FORGED, (first) => ({ ...first, salt: otherSpelling(first.salt) })],
  }
  for (const [what, [advice, make]] of Object.entries(spellings)) {
    t.equal(faultOf(await record(secondYesFrom(make))), advice, what)
  }
  t.equal(faultOf(await record(makeFamily())), undefined, 'two that signed are two')
})

/** The same signature with the other s. */
function twinOf(jwt: string): string {
  const [header, payload, signature = ''] = jwt.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  return `${header}.${payload}.${twin.toString('base64url')}`
}

/** The last of 22 characters holds two bits of the salt and four that say nothing. */
function otherSpelling(salt: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return `${salt.slice(0, 21)}${letters[letters.indexOf(salt[21] ?? '') + 1]}`
}
