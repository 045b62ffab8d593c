import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { emptyDatabase } from '@samen/test-kit'
import type { Databases } from '../scripts/network/databases.ts'
import { startService, startServices, untilHealthy } from '../scripts/network/services.ts'
import { openSettings, SERVICES, type ServiceName } from '../scripts/network/settings.ts'
import { startAppBackend } from '../scripts/story/app-backend.ts'
import { createClient } from '../scripts/story/client.ts'
import { openMemory } from '../scripts/story/memory.ts'
import { createPrinter } from '../scripts/story/print.ts'
import { enrolMembers } from '../scripts/story/steps/enrol-members.ts'
import { handOutCredentials } from '../scripts/story/steps/hand-out-credentials.ts'
import { loadRoster } from '../scripts/story/steps/load-roster.ts'
import { registerPurposes } from '../scripts/story/steps/register-purposes.ts'
import type { Story } from '../scripts/story/story.ts'
import { newFamily } from '../scripts/story/wallets.ts'
import { checkNetwork } from './check-network.ts'
import { calendarOf } from './fixtures/school-calendar.ts'
import { heard, searchNetwork } from './search-network.ts'

/** Nobody interrupts a test. */
export const NEVER = new AbortController().signal

/** How far a network is brought before a test begins; each one holds the ones before it. */
const STAGES = ['members', 'roster', 'purposes', 'credentials'] as const
export type Stage = (typeof STAGES)[number] | 'none'
const TELL = { members: enrolMembers, roster: loadRoster, purposes: registerPurposes, credentials: handOutCredentials }

/** The part of a tap test that is needed here. */
type Test = { teardown: (work: () => Promise<void> | void) => unknown }

/**
 * The whole federation for one test: four services as processes on free ports, a fresh database each, logs at debug
 * level in a folder that is removed with everything else when the test is over. Before that, what issuer and registry have stored is compared
 * with what they publish, and logs, databases and replies are searched for the children of the roster: the test fails when something does
 * not fit or a child is found, whatever it was about.
 *
 * @param stage how much of the story has already happened; `none`: nobody is a member yet
 * @param logLevel a pino level: tests look for children in everything that could be logged, the bench measures what an operator runs
 */
export async function startNetwork(t: Test, stage: Stage, logLevel = 'debug'): Promise<Story> {
  const folder = mkdtempSync(join(tmpdir(), 'samen-network-'))
  const settings = await openSettings(folder, 'any')
  const databases = await freshDatabases(t)
  const services = await startServices(settings, databases.urls, { logLevel, signal: NEVER })
  const backend = await startAppBackend(0)
  t.teardown(async () => {
    const wrong = await checkNetwork(story)
    await backend.stop()
    await services.stop()
    const found = await searchNetwork(story)
    rmSync(folder, { recursive: true, force: true })
    if (found.length > 0) throw new Error(`a child was found: ${found.join('; ')}`)
    if (wrong.length > 0) throw new Error(`the network is not in order: ${wrong.join('; ')}`)
  })
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const print = createPrinter(nowhere, { total: STAGES.length, colour: false, isMuted: () => true })
  const calendar = calendarOf(new Date())
  const memory = openMemory(settings, calendar)
  const story = {
    settings,
    calendar,
    databases,
    services,
    backend,
    memory,
    print,
    client: createClient(({ text }) => heard.push(text)),
    walletFetch: fetch,
    secrets: new Set<string>(),
    family: newFamily(),
  }
  for (const reached of STAGES.slice(0, stage === 'none' ? 0 : STAGES.indexOf(stage) + 1)) await TELL[reached](story)
  return story
}

/** Starts services of a network again that a test has killed, over the same data; they end with the others. */
export async function startAgain({ settings, databases, services }: Story, ...names: ServiceName[]): Promise<void> {
  const started = names.map((name) => [name, startService(settings, name, databases.urls[name], 'debug')] as const)
  for (const [name, { process }] of started) Object.assign(services.processes, { [name]: process })
  await Promise.all(started.map(([name, child]) => untilHealthy(settings, name, child, NEVER)))
}

async function freshDatabases(t: Test): Promise<Databases> {
  const made = await Promise.all(SERVICES.map(async (service) => [service, await emptyDatabase(t)] as const))
  const pick = (kind: 'url' | 'superuserUrl') =>
    Object.fromEntries(made.map(([service, database]) => [service, database[kind]])) as Record<ServiceName, string>
  return {
    urls: pick('url'),
    superuserUrls: pick('superuserUrl'),
    dataDirectory: null,
    description: 'databases of this test',
    stop: async () => {},
  }
}
