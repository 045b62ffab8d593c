import { beginIn, lastDayOf } from '../../../tests/fixtures/school-calendar.ts'
import { publicUrl } from '../../network/settings.ts'
import { APPS, PURPOSES, SCHOOL } from '../cast.ts'
import { ANSWER_MS } from '../client.ts'
import { purposeOf, tenant } from '../memory.ts'
import type { Story } from '../story.ts'
import { until } from '../until.ts'

/** Step 3: each app registers what it wants to know and why; the school signs an agreement for each. */
export async function registerPurposes(story: Story): Promise<void> {
  const { print } = story
  for (const { slug } of APPS) {
    await ensurePurpose(story, slug)
    await ensureAgreement(story, slug)
  }
  for (const { slug, name } of APPS) {
    const { title, claims, retention } = PURPOSES[slug]
    const { uri } = purposeOf(story, slug)
    const page = await story.client.call('GET', uri, { expect: 200, accept: 'text/html' })
    if (!page.body.includes(title.nl)) throw new Error('the purpose page does not show its title')
    const facts = claims.map(({ fact }) => fact).join(' and ')
    print.check(`${name}: "${title.en}" asks ${facts} for one school year, until ${lastDayOf(story.calendar)}.`)
    print.sees('Everybody reads', `${uri} (what is kept: ${retention})`)
  }
  print.sees('The school sees', 'two purposes that it approved, each by the hash of its text.')
  print.sees('From now on', 'its credentials carry a pseudonym for each of the two apps.')
}

async function ensurePurpose(story: Story, slug: string): Promise<void> {
  if (story.memory.remembered.purposes[slug]) return
  const { apiKey } = tenant(story, slug)
  const url = `${publicUrl(story.settings, 'verifier')}/v1/apps/${slug}/purposes`
  const made = await story.client.call('POST', url, {
    apiKey,
    json: { ...PURPOSES[slug as keyof typeof PURPOSES], valid_until: lastDayOf(story.calendar) },
    expect: 201,
  })
  const uri: string = made.body.purpose_uri
  await until(
    `the registry publishes ${uri}`,
    async () => (await fetch(uri, { signal: AbortSignal.timeout(ANSWER_MS) })).ok,
  )
  story.memory.remembered.purposes[slug] = { id: made.body.id, uri }
  story.memory.save()
}

async function ensureAgreement(story: Story, slug: string): Promise<void> {
  if (story.memory.remembered.agreements.includes(slug)) return
  const { apiKey } = tenant(story, SCHOOL.slug)
  const url = `${publicUrl(story.settings, 'issuer')}/v1/schools/${SCHOOL.slug}/agreements`
  const agreement = {
    purpose_uri: purposeOf(story, slug).uri,
    guardians: 'every',
    processor_agreement: {
      model: 'model-4.0',
      reference: `${SCHOOL.slug}/${slug}`,
      signed_at: beginIn(story.calendar, '2026-08-17'),
    },
    valid_until: lastDayOf(story.calendar),
  }
  // 200: an interrupted run has signed it. Before the registry has it too, the app may not ask.
  const { body } = await story.client.call('POST', url, { apiKey, json: agreement, expect: [200, 201] })
  const isDelivered = async () => {
    const reply = await story.client.call('GET', `${url}/${body.id}`, { apiKey, expect: 200 })
    return reply.body.state === 'delivered'
  }
  if (body.state !== 'delivered') await until(`the registry has the agreement with ${slug}`, isDelivered, 30)
  story.memory.remembered.agreements.push(slug)
  story.memory.save()
}
