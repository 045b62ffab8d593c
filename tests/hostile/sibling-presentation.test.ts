import t from 'tap'
import { SIBLING } from '../../scripts/story/cast.ts'
import { askConsent } from '../../scripts/story/steps/ask-consent.ts'
import { startNetwork } from '../network.ts'
import { answerWith } from './tampered-answer.ts'

t.test('a consent for one child releases nothing about its brother or sister', async (t) => {
  const story = await startNetwork(t, 'credentials')
  await askConsent(story)
  const child = await answerWith(story, {})
  t.equal(child.result.state, 'verified', 'the child itself is released')
  const sibling = await answerWith(story, {}, SIBLING)
  t.equal(sibling.result.state, 'consent_required')
  t.notOk(sibling.result.claims)
  t.notOk(sibling.result.pseudonym)
})
