import { zipRoster } from '../../../tests/fixtures/zip-roster.ts'
import { publicUrl } from '../../network/settings.ts'
import { SCHOOLS } from '../cast.ts'
import type { Story } from '../story.ts'
import { tenant } from './enrol-members.ts'

/** Step 2: the school administration uploads its OneRoster zip; each school takes the rows of its own pupils. */
export async function loadRoster(story: Story): Promise<void> {
  const { print } = story
  const zip = await zipRoster()
  print.say(
    `One OneRoster 1.2 zip of the whole board (${(zip.length / 1024).toFixed(0)} kB), uploaded once for each school.`,
  )
  for (const school of SCHOOLS) {
    const imported = await upload(story, school.slug, zip, 201)
    const { accepted, rejected } = imported.report
    const counts = Object.entries(accepted).map(([what, count]) => `${count} ${what}`)
    print.check(`${school.name}: ${imported.state}: ${counts.join(', ')}; ${rejected.length} rows rejected`)
    if (school === SCHOOLS[0]) {
      for (const { file, row, reason } of rejected) print.say(`    ${file}, row ${row}: ${reason}`)
    }
  }
  const damaged = await upload(story, SCHOOLS[0].slug, zip.subarray(0, zip.length - 900), 422)
  print.check(`A damaged zip changes nothing: ${damaged.title ?? damaged.detail ?? damaged.state}`)
  print.sees('The school', 'how many rows it may use, and each rejected one by file, row and reason.')
  print.stored(
    'The issuer',
    'each pupil sealed under a key of its own. Birth dates became "12 or over, yes or no"; passwords, citizen numbers and origin were dropped while reading.',
  )
}

async function upload(story: Story, slug: string, zip: Uint8Array, expect: number) {
  const { apiKey } = tenant(story, slug)
  const url = `${publicUrl(story.settings, 'issuer')}/v1/schools/${slug}/imports`
  const reply = await story.client.call('POST', url, {
    apiKey,
    bytes: { type: 'application/zip', content: zip },
    expect,
  })
  return reply.body
}
