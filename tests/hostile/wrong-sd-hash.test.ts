import t from 'tap'
import { startNetwork } from '../network.ts'
import { answerWith } from './tampered-answer.ts'

t.test('a holder signature over other facts than those sent is refused', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const honest = await answerWith(story, {})
  t.equal(honest.answer.status, 200, 'an honest answer is verified')
  t.equal(honest.result.state, 'consent_required')

  const forged = await answerWith(story, { keyBinding: (payload) => ({ ...payload, sd_hash: 'A'.repeat(43) }) })
  t.equal(forged.answer.status, 400)
  t.equal(forged.result.state, 'refused')
  t.equal(forged.reason, 'holder_binding_invalid')
  const stripped = await answerWith(story, { presentation: (text) => text.slice(0, text.lastIndexOf('~') + 1) })
  t.equal(stripped.answer.status, 400, 'and so is none at all')
  t.equal(stripped.result.state, 'refused')
  t.equal(stripped.reason, 'holder_binding_invalid')
})
