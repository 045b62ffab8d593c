import t from 'tap'
import { publicUrl } from '../../scripts/network/settings.ts'
import { APPS, CHILD, GUARDIANS, SCHOOL, SCHOOLS } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import { startNetwork } from '../network.ts'
import { heard } from '../search-network.ts'
import { askFor } from './tampered-answer.ts'

t.test("a key of one school or app finds nothing at another's, not even that it exists", async (t) => {
  const story = await startNetwork(t, 'credentials')
  const ask = async (url: string, slug: string) => {
    const reply = await fetch(url, { headers: { authorization: `Bearer ${tenant(story, slug).apiKey}` } })
    const text = await reply.text()
    heard.push(text)
    const { instance: _instance, ...body } = JSON.parse(text)
    return { status: reply.status, body }
  }
  const schools = `${publicUrl(story.settings, 'issuer')}/v1/schools`
  const offers = await story.client.call('POST', `${schools}/${SCHOOL.slug}/offers`, {
    apiKey: tenant(story, SCHOOL.slug).apiKey,
    json: { holder: GUARDIANS[0], subject: CHILD, credentials: ['pupil'], grant: 'pre-authorized_code' },
    expect: 201,
  })
  const stranger = await ask(`${schools}/${SCHOOL.slug}/offers/${offers.body.id}`, SCHOOLS[1].slug)
  const nothing = await ask(`${schools}/no-such-school/offers/${offers.body.id}`, SCHOOLS[1].slug)
  t.equal(stranger.status, 404)
  t.same(stranger, nothing, 'foreign and unknown look alike')
  const own = await ask(`${schools}/${SCHOOL.slug}/offers/${offers.body.id}`, SCHOOL.slug)
  t.equal(own.status, 200, 'its own school sees the offer')

  const apps = `${publicUrl(story.settings, 'verifier')}/v1/apps`
  const { id } = await askFor(story, APPS[0].slug)
  const foreign = await ask(`${apps}/${APPS[0].slug}/presentations/${id}`, APPS[1].slug)
  t.equal(foreign.status, 404)
  t.same(foreign, await ask(`${apps}/no-such-app/presentations/${id}`, APPS[1].slug))
  const smuggled = await ask(`${apps}/${APPS[1].slug}/presentations/${id}`, APPS[1].slug)
  t.equal(smuggled.status, 404, "another app's id under one's own path")
  t.equal((await ask(`${apps}/${APPS[0].slug}/presentations/${id}`, APPS[0].slug)).status, 200)
})
