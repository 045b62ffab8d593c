import { createHash } from 'node:crypto'
import { appendFileSync, truncateSync } from 'node:fs'
import pg from 'pg'
import t from 'tap'
import { traces } from '../../scripts/network/dump.ts'
import { createSearch } from '../../scripts/network/search-bytes.ts'
import { rosterMarkers } from '../fixtures/canaries.ts'
import { startNetwork } from '../network.ts'
import { heard, searchNetwork } from '../search-network.ts'

t.test('a name that gets into a log, a reply or a database does not stay unseen', async (t) => {
  const story = await startNetwork(t, 'members')
  const [marker = ''] = rosterMarkers(story.calendar)
  t.same(await searchNetwork(story), [], 'nothing is there before')
  const plants = {
    'the log of verifier': () => {
      appendFileSync(story.services.logs.verifier, `{"msg":"${marker}"}\n`)
    },
    'a reply': () => {
      heard.push(JSON.stringify({ detail: Buffer.from(marker).toString('base64url') }))
    },
    'the database of issuer': () =>
      query(story.databases.superuserUrls?.issuer, `create table planted as select '${marker}'::bytea as name`),
  }
  for (const [where, plant] of Object.entries(plants)) {
    await plant()
    t.match((await searchNetwork(story)).join('\n'), `stands in ${where}`)
  }
  // What was planted has to be gone before the search that every network ends with.
  heard.length = 0
  await query(story.databases.superuserUrls?.issuer, 'drop table planted')
  truncateSync(story.services.logs.verifier)
})

t.test(
  'a name is found wherever it hides: plain, in hex, inside longer base64, or as a hash that a guess confirms',
  async (t) => {
    const [marker = ''] = rosterMarkers()
    const search = createSearch(traces(marker))
    const hidden = ['', 'a', 'ab'].map((before) => Buffer.from(`${before}${marker} and more`))
    for (const text of hidden) {
      t.not(search(text).length, 0, 'plain')
      t.not(search(Buffer.from(text.toString('hex'))).length, 0, 'hex')
      t.not(search(Buffer.from(text.toString('base64'))).length, 0, 'base64')
      t.not(search(Buffer.from(text.toString('base64url'))).length, 0, 'base64url')
    }
    const digest = createHash('sha256').update(marker).digest()
    for (const spelling of ['hex', 'base64url'] as const) {
      t.not(search(Buffer.from(`(a,${digest.toString(spelling)},b)`)).length, 0, `hash in ${spelling}`)
    }
    t.same(search(Buffer.from('nothing of the kind')), [])
  },
)

async function query(url: string | undefined, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url ?? '' })
  await client.connect()
  await client.query(text)
  await client.end()
}
