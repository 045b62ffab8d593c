import t from 'tap'
import { publicUrl } from '../../scripts/network/settings.ts'
import { APPS, CHILD, SCHOOL } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import type { Story } from '../../scripts/story/story.ts'
import { startNetwork } from '../network.ts'
import { dpopFor, makeOffer, post, redeem } from '../raw-wallet.ts'

async function jsonEndpoints(story: Story) {
  const access = await redeem(await makeOffer(story, CHILD))
  const school = { authorization: `Bearer ${tenant(story, SCHOOL.slug).apiKey}` }
  const app = { authorization: `Bearer ${tenant(story, APPS[0].slug).apiKey}` }
  const credential = () => ({
    authorization: `DPoP ${access.token}`,
    dpop: dpopFor(access.key, { htm: 'POST', htu: `${access.issuer}/credential`, accessToken: access.token }),
  })
  return [
    { url: `${access.issuer}/credential`, headers: credential },
    { url: `${publicUrl(story.settings, 'issuer')}/v1/schools/${SCHOOL.slug}/offers`, headers: () => school },
    { url: `${publicUrl(story.settings, 'verifier')}/v1/apps/${APPS[0].slug}/presentations`, headers: () => app },
  ]
}

const HUGE = `{"a":"${'x'.repeat(2_000_000)}"}`
const DEEP = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
const DUPLICATE = '{"purpose":"a","purpose":"b"}'
const PROTOTYPE = '{"__proto__":{"admin":true}}'
const BROKEN = '{"a":'

t.test(
  'bodies that are huge, bottomless, double or broken are refused at every door, and nobody falls over',
  async (t) => {
    const story = await startNetwork(t, 'credentials')
    for (const { url, headers } of await jsonEndpoints(story)) {
      const send = (body: string) => post(url, { ...headers(), 'content-type': 'application/json' }, body)
      t.ok([400, 413].includes((await send(HUGE)).status), `${url}: two megabytes`)
      for (const body of [DEEP, DUPLICATE, PROTOTYPE, BROKEN]) {
        const { status, body: reply } = await send(body)
        t.equal(status, 400, `${url}: ${body.slice(0, 24)}`)
        t.notMatch(JSON.stringify(reply), /admin|xxxx/, 'and nothing of it comes back')
      }
    }
    for (const service of ['issuer', 'verifier', 'consent-registry', 'trust-anchor'] as const) {
      t.equal((await fetch(`${publicUrl(story.settings, service)}/healthz`)).status, 200, service)
    }
  },
)
