import { once } from 'node:events'
import t from 'tap'
import { SERVICES } from '../../scripts/network/settings.ts'
import { APPS } from '../../scripts/story/cast.ts'
import { fetchRecord } from '../../scripts/story/fetch-record.ts'
import { askConsent } from '../../scripts/story/steps/ask-consent.ts'
import { present } from '../../scripts/story/steps/present-facts.ts'
import { until } from '../../scripts/story/until.ts'
import { need } from '../../scripts/story/wallets.ts'
import { startAgain, startNetwork } from '../network.ts'

t.test('a consent holds, and stands in the record, after all four services died at once', async (t) => {
  const story = await startNetwork(t, 'credentials')
  await askConsent(story)
  const { handle } = need(story.family.consent, 'consent request')
  const gone = SERVICES.map((service) => once(story.services.processes[service], 'exit'))
  for (const service of SERVICES) story.services.processes[service].kill('SIGKILL')
  await Promise.all(gone)

  await startAgain(story, ...SERVICES)
  // Until the verifier has the list of live consents again there is no consent: it fetches that on a timer, not for a presentation.
  const claims = new Set<unknown>()
  await until('the consent counts again', async () => {
    const result = await present(story, APPS[0].slug)
    claims.add(result.claims)
    return result.state === 'verified'
  })
  t.match([...claims].at(-1), { year_group: '8' })
  const record = await fetchRecord(story)
  t.match(record.consents, [{ handle, state: 'given' }])
  t.same(
    record.events.map(({ event }) => event.type),
    ['consent-requested', 'decision', 'decision'],
  )
})
