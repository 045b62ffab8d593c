// `npm start` and `npm run demo`: a whole network on this machine, and the story of one consent. With `--attach` the services
// already run, on their well-known ports: the data folder holds the operator keys as `<service>/operator-key`, and the file
// that the anchor publishes.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { calendarOf } from '../tests/fixtures/school-calendar.ts'
import { attachDatabases, openDatabases } from './network/databases.ts'
import { assertPortsFree } from './network/ports.ts'
import { claimDataDirectory, noteServices, releaseDataDirectory } from './network/running.ts'
import { attachServices, startServices } from './network/services.ts'
import { openSettings, type Settings } from './network/settings.ts'
import { startAppBackend } from './story/app-backend.ts'
import { createClient } from './story/client.ts'
import { openMemory } from './story/memory.ts'
import { leaveSomethingToOpen } from './story/open-pages.ts'
import { createPrinter } from './story/print.ts'
import { readableUrl } from './story/readable-url.ts'
import type { Story } from './story/story.ts'
import { STEP_COUNT, tellStory } from './story/tell-story.ts'
import { watchedFetch } from './story/wallet-fetch.ts'
import { newFamily } from './story/wallets.ts'

const attach = process.argv.includes('--attach')
const demo = attach || process.argv.includes('--demo')
const interruption = new AbortController()
const { signal } = interruption
const print = createPrinter(process.stdout, {
  total: STEP_COUNT,
  colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  isMuted: () => signal.aborted,
})
const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort())

type Stop = () => Promise<void> | void

process.exitCode = await main()

/** Runs until the story is told or somebody interrupts; whatever went wrong is said first, then everything is stopped. */
async function main(): Promise<number> {
  const stops: Stop[] = []
  const failure = await run(stops).then(
    () => undefined,
    (error: unknown) => (signal.aborted ? undefined : error),
  )
  if (failure !== undefined) process.stderr.write(`\n${sentences(failure).join('\n  because ')}\n`)
  if (stops.length > 0 && !attach) process.stdout.write('\nStopping …\n')
  for (const stop of stops.reverse()) await stop()
  if (failure !== undefined) return 1
  if (!attach) process.stdout.write('Stopped. `npm start` goes on with the same data, `npm run reset` forgets it.\n')
  return signal.aborted && demo ? 130 : 0
}

async function run(stops: Stop[]): Promise<void> {
  const began = performance.now()
  const data = process.env.SAMEN_DATA ?? fileURLToPath(new URL('../.data', import.meta.url))
  const settings = await openSettings(resolve(data), attach ? 'well-known' : 'preferred')
  await claimDataDirectory(settings)
  stops.push(() => releaseDataDirectory(settings))
  const story = await openStory(settings, stops)
  print.say(`Four services run on ${story.databases.description}. Data and keys: ${settings.dataDirectory}`)
  const failed = story.services.failure.then((sentence) => {
    throw new Error(sentence)
  })
  await Promise.race([tellStory(story, signal), interrupted, failed])
  print.line('')
  print.say(`The whole story took ${((performance.now() - began) / 1000).toFixed(1)} s.`)
  if (demo || signal.aborted) return
  for (const line of await leaveSomethingToOpen(story)) print.line(line)
  await Promise.race([interrupted, failed])
}

/** Everything that the story needs; what was opened is noted in `stops`, also when something after it fails. */
async function openStory(settings: Settings, stops: Stop[]): Promise<Story> {
  if (!attach) await assertPortsFree(settings.ports)
  const databases = attach ? attachDatabases(process.env) : await openDatabases(settings, process.env)
  stops.push(databases.stop)
  signal.throwIfAborted()
  const logLevel = process.env.LOG_LEVEL ?? 'info'
  const services = attach ? attachServices() : await startServices(settings, databases.urls, { logLevel, signal })
  stops.push(services.stop)
  noteServices(settings, services)
  const calendar = calendarOf(new Date())
  const memory = openMemory(settings, calendar)
  const backend = await startAppBackend(memory.remembered.webhook?.port ?? 0)
  stops.push(backend.stop)
  const shown = (method: string, url: string) => `${method.padEnd(4)} ${readableUrl(settings, url)}`
  return {
    settings,
    calendar,
    databases,
    services,
    print,
    client: createClient(({ method, url, status }) => print.call(`${shown(method, url)} → ${status}`)),
    walletFetch: watchedFetch(({ method, url, status, notes }) =>
      print.walletCall(`${shown(method, url)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''} → ${status}`),
    ),
    memory,
    backend,
    secrets: new Set(),
    family: newFamily(),
  }
}

function sentences(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...(error.cause ? sentences(error.cause) : [])] : [String(error)]
}
