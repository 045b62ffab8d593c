import { Writable } from 'node:stream'
import t from 'tap'
import { leaveSomethingToOpen } from '../../scripts/story/open-pages.ts'
import { createPrinter } from '../../scripts/story/print.ts'
import { readableUrl } from '../../scripts/story/readable-url.ts'
import { STEP_COUNT, tellStory } from '../../scripts/story/tell-story.ts'
import { watchedFetch } from '../../scripts/story/wallet-fetch.ts'
import { NEVER, startNetwork } from '../network.ts'

const MOST_LINES = 40
const MOST_COLUMNS = 100

t.test('the story is told to its end, a screen a step, and leaves pages that open', async (t) => {
  const network = await startNetwork(t, 'none')
  const written: string[] = []
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      written.push(String(chunk))
      done()
    },
  })
  const print = createPrinter(out, { total: STEP_COUNT, colour: false, isMuted: () => false })
  const walletFetch = watchedFetch(({ method, url, status, notes }) =>
    print.walletCall(`${method} ${readableUrl(network.settings, url)} (${notes.join(', ')}) → ${status}`),
  )
  const story = { ...network, print, walletFetch }
  await tellStory(story, NEVER)

  const steps = written
    .join('')
    .split(/\n(?=Step )/)
    .slice(1)
  t.equal(steps.length, STEP_COUNT)
  for (const [index, step] of steps.entries()) {
    const lines = step.trimEnd().split('\n')
    t.ok(lines.length <= MOST_LINES, `step ${index + 1} has ${lines.length} lines`)
    t.same(
      lines.filter((line) => line.length > MOST_COLUMNS),
      [],
      `step ${index + 1} is not wider than a screen`,
    )
  }
  const text = steps.join('\n')
  t.match(text, /wallet → POST issuer\/schools\/[\w-]+\/token \(DPoP, tx_code\) → 200/)
  t.match(text, /direct_post\.jwt, encrypted/)
  t.match(text, /issuer rows .*pupil \+76/)
  t.match(text, 'ok  inclusion')
  t.match(text, 'ok  consistency')

  const lines = await leaveSomethingToOpen(story)
  const urls = [...text.split('\n'), ...lines].flatMap((line) => line.match(/http:\/\/127[^\s,'"]+/g) ?? [])
  t.ok(urls.length >= 10, `${urls.length} addresses were printed`)
  for (const url of new Set(urls)) {
    const reply = await fetch(url, { headers: { accept: 'text/html' } })
    t.equal(reply.status, 200, url)
  }
})
