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
  t.equal(replayed.reason, 'nonce_mismatch')
})

t.test('a request that was answered is gone: no wallet gets to read it a second time', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const wallet = need(story.family.first, 'first wallet')
  const honest = await answerWith(story, {})
  const link = new URL(honest.request.replace(/^[^?]*/, 'wallet:'))
  const again = await fetch(link.searchParams.get('request_uri') ?? '', { method: 'POST' })
  t.equal(again.status, 404)
  await t.rejects(wallet.respond(honest.request, { choose: ({ label }) => label === CHILD }), {
    message: 'the request object cannot be fetched (404)',
  })
})
