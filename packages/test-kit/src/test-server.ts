import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRunningProcess, startDevPostgres } from '@samen/pg-dev'

/** Names the server of a whole run, for the processes of that run. */
export const SERVER_VARIABLE = 'SAMEN_TEST_SERVER'

/**
 * The superuser address of the PostgreSQL that tests use: that of the run (`SAMEN_TEST_SERVER`), else the operator's
 * (`DATABASE_URL`), else a server of this process alone, with its data in a temporary folder that is removed at the end.
 */
export function testServerUrl(): Promise<string> {
  started ??= findOrStart()
  return started
}

let started: Promise<string> | undefined

async function findOrStart(): Promise<string> {
  const given = process.env[SERVER_VARIABLE] ?? process.env['DATABASE_URL']
  if (given) return given
  const { url, onExit } = await startTestServer()
  process.once('exit', onExit)
  return url
}

/** Starts a server over a temporary folder. `stop` ends it in order; `onExit` in the last moment of a process. */
export async function startTestServer(): Promise<{ url: string; stop: () => Promise<void>; onExit: () => void }> {
  sweepLeftovers()
  const directory = mkdtempSync(join(tmpdir(), FOLDER_PREFIX))
  const server = await startDevPostgres({ directory })
  const remove = () => rmSync(directory, { recursive: true, force: true })
  return {
    url: server.url('postgres', 'postgres'),
    onExit: () => {
      server.stopNow()
      remove()
    },
    stop: async () => {
      await server.stop()
      remove()
    },
  }
}

const FOLDER_PREFIX = 'samen-test-'

// A test process that was killed could not remove its folder; its server ended with it.
function sweepLeftovers(): void {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(FOLDER_PREFIX))
  for (const folder of folders.map((name) => join(tmpdir(), name))) {
    const owner = join(folder, 'owner.pid')
    if (existsSync(owner) && !isRunningProcess(Number(readFileSync(owner, 'utf8')), 'node')) {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
