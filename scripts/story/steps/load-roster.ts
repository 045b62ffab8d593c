import { zipRosterOf } from '../../../tests/fixtures/zip-roster.ts'
import { publicUrl } from '../../network/settings.ts'
import { SCHOOLS } from '../cast.ts'
import { tenant } from '../memory.ts'
import type { Story } from '../story.ts'

interface RejectedRow {
  readonly file: string
  readonly row: number
  readonly reason: string
}

const LEAST_PUPILS = 60

/** Step 2: the school administration uploads its OneRoster zip; each school takes the rows of its own pupils. */
export async function loadRoster(story: Story): Promise<void> {
  const { print } = story
  const zip = await zipRosterOf(story.calendar)
  print.say(`One OneRoster 1.2 zip of the whole board (${(zip.length / 1024).toFixed(0)} kB), once for each school.`)
  for (const school of SCHOOLS) {
    const { state, report } = await upload(story, school.slug, zip)
    const { accepted, rejected } = report
    if (state !== 'applied' || accepted.pupils !== school.pupils) {
      throw new Error(`of ${school.name} ${accepted?.pupils} pupils were ${state}, not ${school.pupils} applied`)
    }
    const counts = Object.entries(accepted).map(([what, count]) => `${count} ${what}`)
    print.check(`${school.name}, ${state}: ${counts.join(', ')}. Rejected: ${rejected.length} rows.`)
    if (school === SCHOOLS[0]) printRejected(story, rejected)
  }
  const [{ slug, pupils }] = SCHOOLS
  if (pupils < LEAST_PUPILS) throw new Error(`a school of ${pupils} pupils is too small to show anything`)
  const damaged = await upload(story, slug, zip.subarray(0, zip.length - 900))
  if (damaged.state !== 'refused') throw new Error(`a damaged zip was ${damaged.state}`)
  print.check(`A damaged zip changes nothing, ${damaged.state}: ${damaged.report.refusal.detail}`)
  print.sees('The school sees', 'how many rows it may use, and each rejected one by file, row and reason.')
  print.sees('The issuer keeps', 'each pupil sealed under a key of its own, and "12 or over" instead of a birth date.')
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

/** Every rejected row, those of one file and reason together: `users.csv  national-number 78-79`. */
function printRejected({ print }: Story, rejected: readonly RejectedRow[]): void {
  for (const [file, rows] of Map.groupBy(rejected, ({ file }) => file)) {
    const reasons = [...Map.groupBy(rows, ({ reason }) => reason)]
    const texts = reasons.map(([reason, those]) => `${reason} ${ranges(those.map(({ row }) => row))}`)
    print.sees(`  ${file}`, `rows: ${texts.join('; ')}`)
  }
}

/** `78-81, 177` */
function ranges(rows: readonly number[]): string {
  const spans: [number, number][] = []
  for (const row of rows.toSorted((one, other) => one - other)) {
    const last = spans.at(-1)
    if (last && row === last[1] + 1) last[1] = row
    else spans.push([row, row])
  }
  return spans.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(', ')
}
