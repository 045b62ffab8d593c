// `npm run bench`: the real services as processes on loopback, and a floor of the same work by hand, in one run.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportSigningKey, generateSigningKey } from '@samen/jwt-profile'
import { ensureDatabases, startDevPostgres } from '@samen/pg-dev'
import { SERVER_VARIABLE } from '@samen/test-kit'
import { askConsent } from '../scripts/story/steps/ask-consent.ts'
import { until } from '../scripts/story/until.ts'
import { startNetwork } from '../tests/network.ts'
import { floorDecision, floorIssuance, floorPresentation } from './floor-client.ts'
import { type Measured, measure } from './measure.ts'
import { decision, issuance, makeConsentRequests, makeOffers, presentation } from './operations.ts'
import { appendReport, type Row } from './report.ts'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const FLOOR_PORT = 7499
const folder = mkdtempSync(join(tmpdir(), 'samen-bench-'))
const server = await startDevPostgres({ directory: folder })
process.env[SERVER_VARIABLE] = server.url('postgres', 'postgres')
const postmaster = Number(readFileSync(join(server.dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0])
const stops: (() => Promise<void> | void)[] = [server.stop, () => rmSync(folder, { recursive: true, force: true })]

try {
  const floor = await startFloor()
  const story = await startNetwork({ teardown: (stop) => stops.unshift(stop) }, 'credentials')
  await askConsent(story)
  const pid = (service: 'issuer' | 'verifier' | 'consent-registry') => ({
    service: story.services.processes[service].pid ?? 0,
    postmaster,
  })
  const floorPid = { service: floor.pid, postmaster }
  const rows: Row[] = []
  const compare = async (
    name: string,
    size: { count: number; parallel: number },
    ours: () => Promise<Measured>,
    byHand: () => Promise<void>,
  ) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const floorMeasured = await measure(floorPid, size, byHand)
      rows.push({ name, ours: await ours(), floor: floorMeasured })
      process.stdout.write(`${name}: round ${round + 1} of ${ROUNDS}\n`)
    }
  }
  const size = { count: Number(process.env.BENCH_COUNT ?? 100), parallel: 4 }
  const needed = Math.ceil(size.count * 1.1)
  for (const copies of [1, 10]) {
    const name = copies === 1 ? 'issuance, 1 copy' : `issuance, ${copies} copies`
    const ours = async () => measure(pid('issuer'), size, issuance(await makeOffers(story, needed), copies))
    await compare(name, size, ours, floorIssuance(floor.url, copies))
  }
  await compare(
    'presentation with consent',
    size,
    () => measure(pid('verifier'), size, presentation(story)),
    floorPresentation(floor.url),
  )
  const decisions = async () =>
    measure(pid('consent-registry'), size, decision(story, await makeConsentRequests(story, needed)))
  await compare('consent decision, presentation included', size, decisions, floorDecision(floor.url))
  process.stdout.write(`${appendReport(rows, size)}\nWritten to bench/README.md\n`)
} finally {
  for (const stop of stops) await stop()
}

async function startFloor(): Promise<{ pid: number; url: string }> {
  await ensureDatabases(server.url('postgres', 'postgres'), [{ database: 'floor', role: 'floor', password: '' }])
  const child = spawn(process.execPath, [join(import.meta.dirname, 'floor-server.ts')], {
    stdio: 'inherit',
    env: {
      ...process.env,
      FLOOR_PORT: String(FLOOR_PORT),
      FLOOR_DATABASE_URL: server.url('floor', 'floor'),
      FLOOR_KEY: JSON.stringify(exportSigningKey(generateSigningKey())),
    },
  })
  stops.unshift(() => void child.kill())
  const url = `http://127.0.0.1:${FLOOR_PORT}`
  await until('the floor listens', () =>
    fetch(`${url}/key`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  return { pid: child.pid ?? 0, url }
}
