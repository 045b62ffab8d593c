import { createHash, createHmac } from 'node:crypto'
import t from 'tap'
import { type Decision, decisionNonce } from './decision.ts'
import { pairwisePseudonym } from './pairwise-pseudonym.ts'
import { bindPseudonym } from './receipt.ts'

const DECISION: Decision = {
  handle: 'AAAAAAAAAAAAAAAAAAAAAA',
  purpose_id: 'BBBBBBBBBBBBBBBBBBBBBB',
  purpose_version: 1,
  purpose_hash: 'C'.repeat(43),
  app: 'https://verifier.example/apps/rekenen',
  school: 'https://issuer.example/schools/west',
  registry: 'https://registry.example',
  decision: 'yes',
  until: '2027-07-31',
  expires_at: '2026-11-24T12:00:00.000Z',
}
const SALT = Buffer.alloc(16, 1)
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()

t.test('the nonce is the salted hash of the decision, computed here by hand', async (t) => {
  const canonical = `{${Object.keys(DECISION)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(DECISION[name as keyof Decision])}`)
    .join(',')}}`
  t.equal(decisionNonce(SALT, DECISION), sha256(Buffer.concat([SALT, sha256(canonical)])).toString('base64url'))
})

t.test('another word, request, text, app, school, day or salt has another nonce', async (t) => {
  const nonces = Object.keys(DECISION).map((name) => decisionNonce(SALT, { ...DECISION, [name]: 'other' }))
  nonces.push(decisionNonce(SALT, DECISION), decisionNonce(Buffer.alloc(16, 2), DECISION))
  t.equal(new Set(nonces).size, Object.keys(DECISION).length + 2)
})

t.test('a salt of another length is refused: bytes could move between salt and decision', async (t) => {
  t.throws(() => decisionNonce(Buffer.alloc(15), DECISION), RangeError)
  t.throws(() => decisionNonce(Buffer.alloc(17), DECISION), RangeError)
})

t.test('a pseudonym differs by audience, pupil, school year and school, and is the same every time', async (t) => {
  const key = Buffer.alloc(32, 7)
  const pseudonym = pairwisePseudonym(key, 'https://a.example', 'pupil-1', '1')
  t.equal(pseudonym, createHmac('sha256', key).update('https://a.example\0pupil-1\x001').digest('base64url'))
  t.equal(pairwisePseudonym(key, 'https://a.example', 'pupil-1', '1'), pseudonym)
  const others = [
    pairwisePseudonym(key, 'https://b.example', 'pupil-1', '1'),
    pairwisePseudonym(key, 'https://a.example', 'pupil-2', '1'),
    pairwisePseudonym(key, 'https://a.example', 'pupil-1', '2'),
    pairwisePseudonym(Buffer.alloc(32, 8), 'https://a.example', 'pupil-1', '1'),
  ]
  t.equal(new Set([...others, pseudonym]).size, 5)
})

t.test('parts that could be read in two ways, and short keys, are refused', async (t) => {
  const key = Buffer.alloc(32, 7)
  t.throws(() => pairwisePseudonym(key, 'a\0b', 'c', '1'), RangeError)
  t.throws(() => pairwisePseudonym(key, 'a', 'b\0c', '1'), RangeError)
  t.throws(() => pairwisePseudonym(key, 'a', '', '1'), RangeError)
  t.throws(() => pairwisePseudonym(Buffer.alloc(31), 'a', 'b', '1'), RangeError)
})

t.test('a receipt fits the pseudonym it was made for and no other', async (t) => {
  const salt = Buffer.alloc(16, 3).toString('base64url')
  t.equal(
    bindPseudonym(salt, 'x'),
    sha256(Buffer.concat([Buffer.alloc(16, 3), Buffer.from('x')])).toString('base64url'),
  )
  t.not(bindPseudonym(salt, 'x'), bindPseudonym(salt, 'y'))
})
