import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trustAnchorFile } from '../../network/services.ts'
import type { Settings } from '../../network/settings.ts'
import { fetchRecord } from '../fetch-record.ts'
import type { Story } from '../story.ts'
import { until } from '../until.ts'
import { need } from '../wallets.ts'

/** Step 9: a guardian fetches the record of the family again, and a checker without network compares it with the one she kept. */
export async function lookBack(story: Story): Promise<void> {
  const { print, settings, family } = story
  const kept = need(family.keptRecord, 'record that was kept')
  const { handle } = need(family.consent, 'consent request')
  let record = await fetchRecord(story, kept.size)
  const isComplete = () =>
    record.events.some(({ event }) => event.type === 'deletion-confirmed' && event.handle === handle)
  await until('the deletion receipt stands in the record', async () => {
    if (!isComplete()) record = await fetchRecord(story, kept.size)
    return isComplete()
  })
  const file = join(settings.dataDirectory, 'record.json')
  writeFileSync(file, JSON.stringify(record, null, 2))
  const mine = record.events.filter(({ event }) => event.handle === handle)
  print.sees(
    'The guardian sees',
    `${record.consents.length} request(s) with ${record.events.length} log entries; of today: ${mine.map(({ event }) => kindOf(event)).join(', ')}`,
  )
  print.check(`npm run check-log -- ${file} --earlier … --anchor …   (nothing is read from the network)`)
  for (const line of checkRecord(settings, file, kept.file)) print.say(`    ${line}`)
}

function checkRecord(settings: Settings, file: string, earlier: string): string[] {
  const script = join(settings.root, 'scripts/check-log/check-log.ts')
  const words = [script, file, '--earlier', earlier, '--anchor', trustAnchorFile(settings)]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm run check-log found a fault:\n${stdout}${stderr}`)
  return stdout.split('\n').filter((line) => line.startsWith('ok') || line.startsWith('All'))
}

function kindOf({ type, decision }: { type: string; decision?: string }): string {
  if (type !== 'decision') return type
  return decision === 'withdraw' ? 'withdrawal' : `decision ${decision}`
}
