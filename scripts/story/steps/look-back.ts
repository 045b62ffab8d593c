import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trustAnchorFile } from '../../network/services.ts'
import type { Settings } from '../../network/settings.ts'
import { fetchRecord } from '../fetch-record.ts'
import type { Story } from '../story.ts'
import { until } from '../until.ts'
import { need } from '../wallets.ts'

/** A screen has room for the newest entries. */
const MOST_LINES = 12

/** Step 9: a guardian fetches the record of the family again, and a checker without network compares it with the one she kept. */
export async function lookBack(story: Story): Promise<void> {
  const { print, settings, family } = story
  const kept = need(family.keptRecord, 'record that was kept')
  const { handle } = need(family.consent, 'consent request')
  let record = await fetchRecord(story, kept.size)
  const isComplete = () =>
    record.events.some(({ event }) => event.type === 'deletion-confirmed' && event.handle === handle)
  if (!isComplete()) {
    await print.fold('again, until the signed deletion receipt has come', () =>
      until('the deletion receipt stands in the record', async () => {
        record = await fetchRecord(story, kept.size)
        return isComplete()
      }),
    )
  }
  const file = join(settings.dataDirectory, 'record.json')
  writeFileSync(file, JSON.stringify(record, null, 2))
  const mine = record.events.filter(({ event }) => event.handle === handle).map(({ event }) => kindOf(event))
  const { consents, events } = record
  print.sees(
    'The guardian sees',
    `requests: ${consents.length}, log entries: ${events.length}; of this one: ${mine.join(', ')}`,
  )
  print.check('npm run check-log, with this record, the one she kept, and no network:')
  const lines = checkRecord(settings, file, kept.file)
  const others = lines.length - MOST_LINES
  if (others > 0) print.line(`    … ${others} entries of earlier requests`)
  for (const line of lines.slice(-MOST_LINES)) print.line(`    ${line}`)
  print.sees('Do it yourself', `npm run check-log -- ${file} --earlier ${kept.file}`)
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
