// `npm run bench`: the real services as processes on loopback, and a floor of the same work by hand, in one run.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDevPostgres } from '@samen/pg-dev'
import { SERVER_VARIABLE } from '@samen/test-kit'
import pg from 'pg'
import { askConsent } from '../scripts/story/steps/ask-consent.ts'
import { startNetwork } from '../tests/network.ts'
import { startFloor } from './floor.ts'
import { floorDecision, floorIssuance, floorPresentation } from './floor-client.ts'
import { type Measured, measure, type Size, type Subject } from './measure.ts'
import { decision, equipGuardians, issuance, makeConsentRequests, makeOffers, presentation } from './operations.ts'
import { appendReport, type Row } from './report.ts'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const SIZE: Size = { count: Number(process.env.BENCH_COUNT ?? 150), parallel: 4 }
const NEEDED = Math.ceil(SIZE.count * 1.1)

const folder = mkdtempSync(join(tmpdir(), 'samen-bench-'))
const server = await startDevPostgres({
  directory: folder,
  settings: { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track_utility': 'off' },
})
const stops: (() => Promise<void> | void)[] = [server.stop, () => rmSync(folder, { recursive: true, force: true })]
process.env[SERVER_VARIABLE] = server.url('postgres', 'postgres')
const postmaster = Number(readFileSync(join(server.dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0])

try {
  const floor = await startFloor(server)
  stops.unshift(floor.stop)
  await watch(floor.databaseUrl)
  const story = await startNetwork({ teardown: (stop) => stops.unshift(stop) }, 'credentials', 'info')
  await askConsent(story)
  const guardianships = await equipGuardians(story)
  const subject = (service: 'issuer' | 'verifier' | 'consent-registry'): Subject => ({
    pid: story.services.processes[service].pid ?? 0,
    postmaster,
    databaseUrl: story.databases.superuserUrls?.[service] ?? '',
  })
  for (const service of ['issuer', 'verifier', 'consent-registry'] as const) await watch(subject(service).databaseUrl)
  const rows: Row[] = []
  const compare = async (name: string, ours: () => Promise<Measured>, byHand: () => Promise<void>) => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      process.stdout.write(`${name}: round ${round} of ${ROUNDS}\n`)
      const floorMeasured = await measure({ ...floor, postmaster }, SIZE, byHand)
      rows.push({ name, ours: await ours(), floor: floorMeasured })
    }
  }
  const issue = async (copies: number) =>
    measure(subject('issuer'), SIZE, issuance(await makeOffers(story, NEEDED), copies))
  const present = () => measure(subject('verifier'), SIZE, presentation(story))
  const decide = async () =>
    measure(subject('consent-registry'), SIZE, decision(story, guardianships, await makeConsentRequests(story, NEEDED)))
  await compare('issuance, 1 copy', () => issue(1), floorIssuance(floor.url, 1))
  await compare('issuance, 10 copies', () => issue(10), floorIssuance(floor.url, 10))
  await compare('presentation with consent', present, floorPresentation(floor.url, floor.school))
  await compare('consent decision with its presentation', decide, floorDecision(floor.url, floor.school))
  process.stdout.write(`${appendReport(rows, SIZE)}\nWritten to bench/README.md\n`)
} finally {
  for (const stop of stops) await stop()
}

async function watch(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('create extension if not exists pg_stat_statements')
  await client.end()
}
