import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicUrl } from '../network/settings.ts'
import { CHILD } from './cast.ts'
import type { Story } from './story.ts'
import { need } from './wallets.ts'

/** The record of a family, as far as the story looks into it. */
export interface FamilyRecord {
  readonly log: { readonly size: number }
  readonly consents: readonly { readonly handle: string; readonly state: string }[]
  readonly events: readonly {
    readonly event: { readonly type: string; readonly handle: string; readonly decision?: string }
  }[]
}

/** The first guardian shows in a browser over which child she has authority, and gets the record of that child. `since`: see /me/record. */
export async function fetchRecord(story: Story, since?: number): Promise<FamilyRecord> {
  const { client } = story
  const registry = publicUrl(story.settings, 'consent-registry')
  const session = await client.call('POST', `${registry}/me/sessions`, { form: {}, expect: [200, 201] })
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
  const wallet = need(story.family.first, 'first wallet')
  const answer = await wallet.respond(session.body.authorization_request, { choose: (held) => held.label === CHILD })
  if (!answer.redirect_uri) throw new Error('the registry did not lead back to the record')
  await client.call('GET', answer.redirect_uri, { cookie, expect: 200 })
  const query = since === undefined ? '' : `?since=${since}`
  return (await client.call('GET', `${registry}/me/record${query}`, { cookie, expect: 200 })).body
}

/** The guardian keeps the record of today, to compare a later one with it. */
export async function keepRecord(story: Story): Promise<void> {
  const record = await fetchRecord(story)
  const file = join(story.settings.dataDirectory, 'record-kept.json')
  writeFileSync(file, JSON.stringify(record, null, 2))
  story.family.keptRecord = { file, size: record.log.size }
}
