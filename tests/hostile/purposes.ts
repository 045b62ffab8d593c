// Purposes and agreements as an app and a school make them, for attacks that come in by them.

import { publicUrl } from '../../scripts/network/settings.ts'
import { SCHOOL } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import type { Story } from '../../scripts/story/story.ts'
import { until } from '../../scripts/story/until.ts'
import { beginIn, lastDayOf } from '../fixtures/school-calendar.ts'
import { type Answer, post } from '../raw-wallet.ts'

const both = (text: string) => ({ nl: text, en: text })

/** What an app wants to know, and why. */
export function purposeText({ calendar }: Story, title: string) {
  return {
    title: both(title),
    why: both('Om oefeningen te kiezen.'),
    claims: [{ fact: 'year_group' as const, why: both('Om het niveau te kiezen.') }],
    legal_basis: 'consent' as const,
    retention: 'P1Y',
    valid_until: lastDayOf(calendar),
  }
}

/** An app of the verifier registers a purpose. */
export function registerPurpose(story: Story, app: { slug: string; apiKey: string }, title: string): Promise<Answer> {
  return callApp(story, app, 'purposes', purposeText(story, title))
}

/** The same, and its registry takes it. Who has just joined is a stranger to it until the list of members is read again. */
export async function registerTaken(
  story: Story,
  app: { slug: string; apiKey: string },
  title: string,
): Promise<{ id: string; purpose_uri: string }> {
  const { status, body } = await registerPurpose(story, app, title)
  if (status !== 201) throw new Error(`the verifier answered ${status}`)
  const url = `${publicUrl(story.settings, 'verifier')}/v1/apps/${app.slug}/messages`
  const isTaken = async () => {
    const waiting = await story.client.call('GET', url, { apiKey: app.apiKey, expect: 200 })
    return waiting.body.messages.length === 0
  }
  await until('the registry has taken the purpose', isTaken)
  return body
}

/** An app calls the verifier's API about itself. */
export function callApp(
  { settings }: Story,
  { slug, apiKey }: { slug: string; apiKey: string },
  path: string,
  json: object,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  return post(`${publicUrl(settings, 'verifier')}/v1/apps/${slug}/${path}`, headers, JSON.stringify(json))
}

/** The school approves the purpose at this address; one guardian is enough. */
export function approve(story: Story, purpose_uri: string): Promise<Answer> {
  return post(
    `${publicUrl(story.settings, 'issuer')}/v1/schools/${SCHOOL.slug}/agreements`,
    { authorization: `Bearer ${tenant(story, SCHOOL.slug).apiKey}`, 'content-type': 'application/json' },
    JSON.stringify({
      purpose_uri,
      guardians: 'one',
      processor_agreement: { model: 'm', reference: 'r', signed_at: beginIn(story.calendar, '2026-08-17') },
      valid_until: lastDayOf(story.calendar),
    }),
  )
}
