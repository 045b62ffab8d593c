import t from 'tap'
import { CHILD } from '../../scripts/story/cast.ts'
import { need } from '../../scripts/story/wallets.ts'
import { startNetwork } from '../network.ts'
import { answerWith } from './tampered-answer.ts'

t.test('what a wallet once showed cannot be shown again by somebody else', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const honest = await answerWith(story, {})
  t.equal(honest.answer.status, 200, 'an honest answer is verified')
  t.equal(honest.result.state, 'consent_required')

  const replayed = await answerWith(story, { vpToken: () => honest.answer.vpToken ?? {} })
  t.equal(replayed.answer.status, 400, 'its nonce is of another request')
  t.equal(replayed.result.state, 'refused')
  const wallet = need(story.family.first, 'first wallet')
  await t.rejects(
    wallet.respond(honest.request, { choose: ({ label }) => label === CHILD }).then(({ status }) => {
      if (status >= 400) throw new Error('refused')
    }),
    'a request that was answered takes no second answer',
  )
})
