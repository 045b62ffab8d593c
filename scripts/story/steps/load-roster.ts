import { zipRosterOf } from '../../../tests/fixtures/zip-roster.ts'
import { publicUrl } from '../../network/settings.ts'
import { SCHOOLS } from '../cast.ts'
import { tenant } from '../memory.ts'
import type { Story } from '../story.ts'

/** Step 2: the school administration uploads its OneRoster zip; each school takes the rows of its own pupils. */
export async function loadRoster(story: Story): Promise<void> {
  const { print } = story
  const zip = await zipRosterOf(story.calendar)
  print.say(
    `One OneRoster 1.2 zip of the whole board (${(zip.length / 1024).toFixed(0)} kB), uploaded once for each school.`,
  )
  for (const school of SCHOOLS) {
    const imported = await upload(story, school.slug, zip)
    const { accepted, rejected } = imported.report
    const counts = Object.entries(accepted).map(([what, count]) => `${count} ${what}`)
    print.check(`${school.name}: ${imported.state}: ${counts.join(', ')}; ${rejected.length} rows rejected`)
    if (school === SCHOOLS[0]) {
      for (const line of byFile(rejected)) print.say(line)
    }
  }
  const damaged = await upload(story, SCHOOLS[0].slug, zip.subarray(0, zip.length - 900))
  if (damaged.state !== 'refused') throw new Error(`a damaged zip was ${damaged.state}`)
  print.check(`A damaged zip changes nothing. ${damaged.report.refusal.detail}`)
  print.sees('The school sees', 'how many rows it may use, and each rejected one by file, row and reason.')
  print.stored(
    'The issuer',
    'each pupil sealed under a key of its own. Birth dates became "12 or over, yes or no"; passwords, citizen numbers and origin were dropped while reading.',
  )
}

async function upload(story: Story, slug: string, zip: Uint8Array) {
  const { apiKey } = tenant(story, slug)
  const url = `${publicUrl(story.settings, 'issuer')}/v1/schools/${slug}/imports`
  const reply = await story.client.call('POST', url, {
    apiKey,
    bytes: { type: 'application/zip', content: zip },
    expect: 201,
  })
  return reply.body
}

/** One line a file: `users.csv: row 78 national-number, …`. */
function byFile(rejected: readonly { file: string; row: number; reason: string }[]): string[] {
  const files = Map.groupBy(rejected, ({ file }) => file)
  return [...files].map(
    ([file, rows]) => `  ${file}: ${rows.map(({ row, reason }) => `row ${row} ${reason}`).join(', ')}`,
  )
}
