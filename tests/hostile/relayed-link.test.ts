import t from 'tap'
import { APPS, CHILD } from '../../scripts/story/cast.ts'
import { requestConsent } from '../../scripts/story/steps/ask-consent.ts'
import { present } from '../../scripts/story/steps/present-facts.ts'
import { need } from '../../scripts/story/wallets.ts'
import { startNetwork } from '../network.ts'

t.test('somebody who has the link of a request and lures both parents into answering gets no yes', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const { client, family } = story
  const { pageUrl } = await requestConsent(story)
  for (const wallet of [need(family.first, 'wallet'), need(family.second, 'wallet')]) {
    const url = `${pageUrl}/decisions`
    const lure = await client.call('POST', url, { form: { decision: 'yes' }, expect: 201 })
    const answered = await wallet.respond(lure.body.authorization_request, { choose: ({ label }) => label === CHILD })
    t.equal(answered.status, 200, 'the wallet signed, since it cannot know better')
    const page = await client.call('GET', answered.redirect_uri ?? '', { accept: 'text/html', expect: 200 })
    t.match(page.body, /Rekenrijk/, 'the parent reads whom it was about to allow')
    const pairing = `${new URL(url).origin}/vp/pairing/decision`
    const cookie = lure.headers.get('set-cookie')?.split(';')[0] ?? ''
    await client.call('POST', pairing, { cookie, form: { number: '000000' }, expect: 403 })
  }
  t.equal((await present(story, APPS[0].slug)).state, 'consent_required')
})
