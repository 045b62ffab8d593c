import { publicUrl } from '../../network/settings.ts'
import { APPS } from '../cast.ts'
import { keepRecord } from '../fetch-record.ts'
import { tenant } from '../memory.ts'
import type { Story } from '../story.ts'
import { until } from '../until.ts'
import { need } from '../wallets.ts'
import { decide } from './ask-consent.ts'
import { present } from './present-facts.ts'

/** A lease, and the part of a second by which the registry rounds up what it promises. */
const EFFECTIVE_AFTER_MS = 12_000

/** Step 8: one guardian withdraws; within one lease nothing is released any more, and the app confirms deletion. */
export async function withdrawConsent(story: Story): Promise<void> {
  const { print, family, backend } = story
  const [app] = APPS
  await registerWebhook(story)
  await print.fold('the first guardian fetches the record and keeps it', () => keepRecord(story))
  await decide(story, need(family.second, 'second wallet'), 'withdraw', 'on the phone itself')
  const withdrawnAt = performance.now()
  const isOver = async () => {
    const after = performance.now() - withdrawnAt
    const { state } = await present(story, app.slug)
    if (state !== 'consent_required' && after > EFFECTIVE_AFTER_MS)
      throw new Error(`${state}, a lease after the withdrawal`)
    return state === 'consent_required'
  }
  await print.fold('the app asks again, until it gets consent_required', () =>
    until('a presentation answers consent_required', isOver),
  )
  const seconds = ((performance.now() - withdrawnAt) / 1000).toFixed(1)
  print.check(`${seconds} s after the withdrawal the next presentation gives consent_required. A lease is 10 s.`)

  const event = await backend.next('consent.withdrawn', need(family.consent, 'consent request').handle)
  const deletions = `${publicUrl(story.settings, 'verifier')}/v1/apps/${app.slug}/deletions`
  const { apiKey } = tenant(story, app.slug)
  const list = await story.client.call('GET', deletions, { apiKey, expect: 200 })
  const { body } = await story.client.call('POST', `${deletions}/${event.data.id}/confirmation`, {
    apiKey,
    expect: [200, 201, 202, 204],
  })
  print.check('The verifier got the signed notice and purged; its webhook told the app, and the app confirmed.')
  print.sees('The app got', `${event.type} ${JSON.stringify(event.data)}`)
  print.sees(
    'and from the API',
    JSON.stringify(list.body.deletions.find(({ id }: { id: string }) => id === event.data.id)),
  )
  print.sees('then', JSON.stringify(body))
}

async function registerWebhook(story: Story): Promise<void> {
  const { memory, backend } = story
  const [app] = APPS
  if (!memory.remembered.webhook) {
    const url = `${publicUrl(story.settings, 'verifier')}/v1/apps/${app.slug}/webhooks`
    const { body } = await story.client.call('POST', url, {
      apiKey: tenant(story, app.slug).apiKey,
      json: { url: backend.url },
      expect: 201,
    })
    memory.remembered.webhook = { secret: body.secret, port: backend.port }
    memory.save()
  }
  backend.trust(memory.remembered.webhook.secret)
}
