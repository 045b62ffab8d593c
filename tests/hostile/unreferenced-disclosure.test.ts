import t from 'tap'
import { startNetwork } from '../network.ts'
import { answerWith, joinSdJwt, splitSdJwt } from './tampered-answer.ts'

t.test('a fact that the school never signed is refused, even beside true ones', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const honest = await answerWith(story, {})
  t.equal(honest.answer.status, 200, 'an honest answer is verified')
  t.equal(honest.result.state, 'consent_required')

  const invented = Buffer.from(JSON.stringify(['c2FsdHNhbHRzYWx0c2FsdA', 'level', 'vwo'])).toString('base64url')
  const forged = await answerWith(story, {
    disclosures: (sdJwt) => {
      const parts = splitSdJwt(sdJwt)
      return joinSdJwt({ ...parts, disclosures: [...parts.disclosures, invented] })
    },
  })
  t.equal(forged.answer.status, 400)
  t.equal(forged.result.state, 'refused')
  t.equal(forged.reason, 'credential_invalid')
})
