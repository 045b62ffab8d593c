import { readFileSync } from 'node:fs'
import t from 'tap'
import { dumpDatabases, encodings } from '../../scripts/network/dump.ts'
import { createSearch } from '../../scripts/network/search-bytes.ts'
import { askConsent } from '../../scripts/story/steps/ask-consent.ts'
import { lookBack } from '../../scripts/story/steps/look-back.ts'
import { overAsk } from '../../scripts/story/steps/over-ask.ts'
import { presentFacts } from '../../scripts/story/steps/present-facts.ts'
import { withdrawConsent } from '../../scripts/story/steps/withdraw-consent.ts'
import { rosterMarkers } from '../fixtures/canaries.ts'
import { startNetwork } from '../network.ts'

t.test('after the whole story no name, birth date or code of a child stands in a database or a log', async (t) => {
  const story = await startNetwork(t, 'credentials')
  for (const tell of [askConsent, presentFacts, overAsk, withdrawConsent, lookBack]) await tell(story)
  const markers = rosterMarkers(story.calendar)
  t.ok(markers.length > 500, 'there is something to search for')
  const search = createSearch(markers.flatMap(encodings))
  t.ok(story.databases.superuserUrls)
  for (const { service, rows, lines } of await dumpDatabases(story.databases.superuserUrls ?? story.databases.urls)) {
    t.ok(rows > 10, `${service} holds rows`)
    t.same(search(Buffer.from(lines.join('\n'))), [], `the database of ${service}`)
  }
  for (const [service, log] of Object.entries(story.services.logs)) {
    const text = readFileSync(log)
    t.ok(text.length > 1_000, `${service} wrote a log at debug level`)
    t.same(search(text), [], `the log of ${service}`)
  }
})

t.test('a name is found wherever it hides: plain, in hex, or inside longer base64', async (t) => {
  const [marker = ''] = rosterMarkers()
  const search = createSearch(encodings(marker))
  const hidden = ['', 'a', 'ab'].map((before) => Buffer.from(`${before}${marker} and more`))
  for (const text of hidden) {
    t.not(search(text).length, 0, 'plain')
    t.not(search(Buffer.from(text.toString('hex'))).length, 0, 'hex')
    t.not(search(Buffer.from(text.toString('base64'))).length, 0, 'base64')
    t.not(search(Buffer.from(text.toString('base64url'))).length, 0, 'base64url')
  }
  t.same(search(Buffer.from('nothing of the kind')), [])
})
