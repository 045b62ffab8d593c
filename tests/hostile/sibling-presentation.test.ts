import t from 'tap'
import { SIBLING } from '../../scripts/story/cast.ts'
import { askConsent } from '../../scripts/story/steps/ask-consent.ts'
import { startNetwork } from '../network.ts'
import { answerWith } from './tampered-answer.ts'

t.test('a consent for one child releases nothing about its brother or sister', async (t) => {
  const story = await startNetwork(t, 'credentials')
  await askConsent(story)
  const showSibling = async (when: string) => {
    const { result, reason } = await answerWith(story, {}, SIBLING)
    t.same([result.state, reason], ['consent_required', 'consent_required'], when)
    t.notOk(result.claims)
    t.notOk(result.pseudonym)
  }
  await showSibling("a consent that was never used is nobody's yet")
  const child = await answerWith(story, {})
  t.equal(child.result.state, 'verified', 'the child itself is released')
  await showSibling("one that was used is the child's")
})
