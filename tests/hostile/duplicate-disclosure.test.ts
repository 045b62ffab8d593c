import t from 'tap'
import { startNetwork } from '../network.ts'
import { answerWith, joinSdJwt, splitSdJwt } from './tampered-answer.ts'

t.test('the same fact sent twice is refused', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const honest = await answerWith(story, {})
  t.equal(honest.answer.status, 200, 'an honest answer is verified')
  t.equal(honest.result.state, 'consent_required')

  const forged = await answerWith(story, {
    disclosures: (sdJwt) => {
      const parts = splitSdJwt(sdJwt)
      return joinSdJwt({ ...parts, disclosures: [...parts.disclosures, parts.disclosures[0] ?? ''] })
    },
  })
  t.equal(forged.answer.status, 400)
  t.equal(forged.result.state, 'refused')
  t.equal(forged.reason, 'presentation_malformed')
})
