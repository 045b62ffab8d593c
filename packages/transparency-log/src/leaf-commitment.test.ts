import { createHash } from 'node:crypto'
import t from 'tap'
import { leafCommitment } from './leaf-commitment.ts'

const salt = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex')

t.test('the commitment is the hash of the salt and the one text of the event', async (t) => {
  const text = '{"at":"2026-11-02T09:00:00.000Z","type":"decision"}'
  const expected = createHash('sha256').update(salt).update(text).digest('hex')
  t.equal(leafCommitment(salt, { type: 'decision', at: '2026-11-02T09:00:00.000Z' }).toString('hex'), expected)
  t.equal(leafCommitment(salt, JSON.parse(` ${text} `)).toString('hex'), expected, 'however it was written down')
})

t.test('without the salt a guess at the event cannot be confirmed', async (t) => {
  const event = { type: 'decision', decision: 'no' }
  t.notOk(leafCommitment(salt, event).equals(leafCommitment(Buffer.alloc(16), event)))
  t.notOk(leafCommitment(salt, event).equals(leafCommitment(salt, { ...event, decision: 'yes' })))
  for (const length of [0, 15, 17, 32]) {
    t.throws(() => leafCommitment(Buffer.alloc(length), event), { code: 'malformed_leaf' }, `${length} bytes`)
  }
})
