import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { exportSigningKey, generateSigningKey, type SigningKey } from '@samen/jwt-profile'
import { type DevPostgres, ensureDatabases } from '@samen/pg-dev'
import { until } from '../scripts/story/until.ts'

const PORT = 7499

/** The process that does the same by hand; `school` is the key with which it issues and that it knows when it verifies. */
export type Floor = {
  readonly pid: number
  readonly url: string
  readonly databaseUrl: string
  readonly school: SigningKey
  readonly stop: () => void
}

/** Starts `floor-server.ts` on loopback, on a database of its own. */
export async function startFloor(server: DevPostgres): Promise<Floor> {
  await ensureDatabases(server.url('postgres', 'postgres'), [{ database: 'floor', role: 'floor', password: '' }])
  const school = generateSigningKey()
  const child = spawn(process.execPath, [join(import.meta.dirname, 'floor-server.ts')], {
    stdio: 'inherit',
    env: {
      ...process.env,
      FLOOR_PORT: String(PORT),
      FLOOR_DATABASE_URL: server.url('floor', 'floor'),
      FLOOR_KEY: JSON.stringify(exportSigningKey(school)),
    },
  })
  const url = `http://127.0.0.1:${PORT}`
  await until('the floor listens', () =>
    fetch(`${url}/key`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  return {
    pid: child.pid ?? 0,
    url,
    databaseUrl: server.url('floor', 'postgres'),
    school,
    stop: () => void child.kill(),
  }
}
