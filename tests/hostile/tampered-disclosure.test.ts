import t from 'tap'
import { startNetwork } from '../network.ts'
import { answerWith, joinSdJwt, splitSdJwt } from './tampered-answer.ts'

t.test('a pupil in year 3 who says year 8 is refused', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const honest = await answerWith(story, {})
  t.equal(honest.answer.status, 200, 'an honest answer is verified')
  t.equal(honest.result.state, 'consent_required')

  const forged = await answerWith(story, {
    disclosures: (sdJwt) => {
      const parts = splitSdJwt(sdJwt)
      const disclosures = parts.disclosures.map((disclosure) => {
        const [salt, name] = JSON.parse(Buffer.from(disclosure, 'base64url').toString())
        if (name !== 'year_group') return disclosure
        return Buffer.from(JSON.stringify([salt, name, '3'])).toString('base64url')
      })
      return joinSdJwt({ ...parts, disclosures })
    },
  })
  t.equal(forged.answer.status, 400)
  t.equal(forged.result.state, 'refused')
  t.equal(forged.reason, 'credential_invalid')
  t.notOk(forged.result.claims)
})
