import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicUrl } from '../../network/settings.ts'
import { CHILD } from '../cast.ts'
import type { Story } from '../story.ts'
import { until } from '../until.ts'
import { need } from '../wallets.ts'

/** Step 9: a guardian fetches the record of the family, and an offline checker compares it with the signed log. */
export async function lookBack(story: Story): Promise<void> {
  const { print, settings } = story
  const file = join(settings.dataDirectory, 'record.json')
  let record = await fetchRecord(story)
  const complete = () => /deletion/.test(JSON.stringify(record.events))
  await until('the deletion receipt stands in the record', async () => {
    if (!complete()) record = await fetchRecord({ ...story, client: story.client })
    return complete()
  })
  writeFileSync(file, JSON.stringify(record, null, 2))
  print.sees(
    'The guardian sees',
    `${record.consents.length} request(s), ${record.events.length} log entries: ${record.events.map(kindOf).join(', ')}`,
  )

  const checked = spawnSync(process.execPath, [join(settings.root, 'scripts/check-log.ts'), file], { encoding: 'utf8' })
  if (checked.status !== 0) throw new Error(`npm run check-log found a fault:\n${checked.stdout}${checked.stderr}`)
  print.check(`npm run check-log -- ${file}`)
  for (const line of checked.stdout.trim().split('\n').slice(-3)) print.say(`    ${line}`)
  print.sees(
    'Everybody sees',
    `a signed checkpoint and tiles of hashes at ${publicUrl(settings, 'consent-registry')}/log/checkpoint. Without the family's salts they say nothing.`,
  )
}

function kindOf(entry: { event: { type?: string } }): string {
  return entry.event.type ?? 'entry'
}

async function fetchRecord(story: Story) {
  const registry = publicUrl(story.settings, 'consent-registry')
  const session = await story.client.call('POST', `${registry}/me/sessions`, { form: {}, expect: [200, 201] })
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
  const wallet = need(story.family.first, 'first wallet')
  const answer = await wallet.respond(session.body.authorization_request, { choose: (held) => held.label === CHILD })
  if (!answer.redirect_uri) throw new Error('the registry did not lead back to the record')
  await story.client.call('GET', answer.redirect_uri, { cookie, expect: 200 })
  const record = await story.client.call('GET', `${registry}/me/record`, { cookie, expect: 200 })
  return record.body
}
