// `npm start` and `npm run demo`: a whole network on this machine, and the story of one consent. With `--attach` the services
// already run, on their well-known ports: the data folder holds the operator keys as `<service>/operator-key`, and the file that the anchor publishes.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { calendarOf } from '../tests/fixtures/school-calendar.ts'
import { attachDatabases, type Databases, openDatabases } from './network/databases.ts'
import { claimDataDirectory, noteServices, releaseDataDirectory } from './network/running.ts'
import { attachServices, type RunningServices, startServices } from './network/services.ts'
import { openSettings, publicUrl, type Settings } from './network/settings.ts'
import { startAppBackend } from './story/app-backend.ts'
import { createClient } from './story/client.ts'
import { openMemory } from './story/memory.ts'
import { createPrinter } from './story/print.ts'
import { STEP_COUNT, tellStory } from './story/tell-story.ts'
import { newFamily } from './story/wallets.ts'

const attach = process.argv.includes('--attach')
const demo = attach || process.argv.includes('--demo')
const print = createPrinter(process.stdout, STEP_COUNT, process.stdout.isTTY === true && !process.env.NO_COLOR)
const interrupted = new Promise<'interrupted'>((resolve) => {
  process.once('SIGINT', () => resolve('interrupted'))
  process.once('SIGTERM', () => resolve('interrupted'))
})

process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`\n${sentences(error).join('\n  because ')}\n`)
  return 1
})

async function main(): Promise<number> {
  const began = performance.now()
  const data = process.env.SAMEN_DATA ?? fileURLToPath(new URL('../.data', import.meta.url))
  const settings = await openSettings(resolve(data), attach ? 'well-known' : 'preferred')
  await claimDataDirectory(settings)
  const stops: (() => Promise<void>)[] = []
  try {
    const databases = attach ? attachDatabases(process.env) : await openDatabases(settings, process.env)
    stops.push(databases.stop)
    const logLevel = process.env.LOG_LEVEL ?? 'info'
    const services = attach ? attachServices() : await startServices(settings, databases.urls, { logLevel })
    stops.push(services.stop)
    noteServices(settings, services)
    print.say(`Four services run on ${databases.description}. Data and keys: ${settings.dataDirectory}`)
    const told = await Promise.race([tell(settings, databases, services, stops), interrupted, services.failure])
    if (told !== 'told') return told === 'interrupted' ? 130 : endedEarly(told)
    print.say('')
    print.say(`The whole story took ${((performance.now() - began) / 1000).toFixed(1)} s.`)
    if (demo) return 0
    printUrls(settings)
    const end = await Promise.race([interrupted, services.failure])
    return end === 'interrupted' ? 0 : endedEarly(end)
  } finally {
    if (!attach) process.stdout.write('\nStopping …\n')
    for (const stop of stops.reverse()) await stop()
    releaseDataDirectory(settings)
    if (!attach) process.stdout.write('Stopped. `npm start` goes on with the same data, `npm run reset` forgets it.\n')
  }
}

async function tell(
  settings: Settings,
  databases: Databases,
  services: RunningServices,
  stops: (() => Promise<void>)[],
): Promise<'told'> {
  const calendar = calendarOf(new Date())
  const memory = openMemory(settings, calendar)
  const backend = await startAppBackend(memory.remembered.webhook?.port ?? 0)
  stops.push(backend.stop)
  await tellStory({
    settings,
    calendar,
    databases,
    services,
    print,
    client: createClient(print),
    memory,
    backend,
    family: newFamily(),
  })
  return 'told'
}

function printUrls(settings: Settings): void {
  const url = (service: Parameters<typeof publicUrl>[1]) => publicUrl(settings, service)
  print.say('The network keeps running. Open:')
  print.say(`  ${url('issuer')}/docs             the school's API`)
  print.say(`  ${url('verifier')}/docs             the vendor's API`)
  print.say(`  ${url('consent-registry')}/docs             the registry's API`)
  print.say(`  ${url('consent-registry')}/me               a family's own record`)
  print.say(`  ${url('trust-anchor')}/list             the members of the federation`)
  print.say('Ctrl-C stops everything.')
}

function endedEarly(sentence: string): number {
  process.stderr.write(`\n${sentence}\n`)
  return 1
}

function sentences(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...(error.cause ? sentences(error.cause) : [])] : [String(error)]
}
