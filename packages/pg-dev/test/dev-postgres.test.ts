import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { ensureDatabases, isRunningProcess, startDevPostgres } from '../src/pg-dev.ts'

const directory = mkdtempSync(join(tmpdir(), 'samen-pg-dev-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))
const SCHOOL = { database: 'school', role: 'school', password: 'a quote \' and a "' }

async function ask<Row extends pg.QueryResultRow>(connectionString: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

t.test('a developer gets a real database that keeps what was written, and two never share a folder', async (t) => {
  const server = await startDevPostgres({ directory })
  await ensureDatabases(server.url('postgres', 'postgres'), [SCHOOL])
  await ensureDatabases(server.url('postgres', 'postgres'), [SCHOOL])
  await ask(server.url('school', 'school'), 'create table pupil (name text); insert into pupil values (1)')
  t.match(await ask(server.url('school', 'school'), 'show fsync'), [{ fsync: 'on' }])
  const outcome = await runChild('hold')
  t.match(outcome.stderr, 'is in use by process')
  await server.stop()
  await server.stop()
  const again = await startDevPostgres({ directory })
  t.same(await ask(again.url('school', 'school'), 'select count(*)::int as rows from pupil'), [{ rows: 1 }])
  await again.stop()
})

t.test('no role of a service may step over row-level security, and no other service may connect', async (t) => {
  const server = await startDevPostgres({ directory })
  t.teardown(server.stop)
  const superuser = server.url('postgres', 'postgres')
  await ask(superuser, 'create role mighty superuser login')
  await t.rejects(
    ensureDatabases(superuser, [{ database: 'm', role: 'mighty', password: 'x' }]),
    /may not be a superuser/,
  )
  const VENDOR = { database: 'vendor', role: 'vendor', password: 'x' }
  await Promise.all([ensureDatabases(superuser, [VENDOR]), ensureDatabases(superuser, [VENDOR])])
  await t.rejects(ask(server.url('school', 'vendor'), 'select 1'), { code: '42501' })
})

t.test('when a process is killed its database server ends too, and the next start finds the rows', async (t) => {
  const child = await runChild('killed')
  t.equal(child.signal, 'SIGKILL')
  t.ok(child.server > 1, 'a server ran')
  for (let waited = 0; isRunningProcess(child.server, directory) && waited < 5_000; waited += 20) await sleep(20)
  t.notOk(isRunningProcess(child.server, directory), 'no orphan is left')
  const server = await startDevPostgres({ directory })
  t.same(await ask(server.url('school', 'school'), 'select count(*)::int as rows from pupil'), [{ rows: 1 }])
  await server.stop()
})

t.test('when a process ends without a word its database server ends too', async (t) => {
  const child = await runChild('exits')
  t.equal(child.signal, null)
  t.ok(child.server > 1, 'a server ran')
  for (let waited = 0; isRunningProcess(child.server, directory) && waited < 5_000; waited += 20) await sleep(20)
  t.notOk(isRunningProcess(child.server, directory), 'no orphan is left')
})

async function runChild(way: 'hold' | 'killed' | 'exits') {
  const program = `
    import { readFileSync } from 'node:fs'
    import { startDevPostgres } from ${JSON.stringify(new URL('../src/pg-dev.ts', import.meta.url).href)}
    const { dataDirectory } = await startDevPostgres({ directory: ${JSON.stringify(directory)} })
    process.stdout.write(readFileSync(dataDirectory + '/postmaster.pid', 'utf8'), () => {
      if (${way === 'killed'}) process.kill(process.pid, 'SIGKILL')
      if (${way === 'exits'}) process.exit(0)
    })`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const heard = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (text) => {
      heard[name] += text
    })
  }
  const [, signal] = await once(child, 'close')
  return { ...heard, signal, server: Number.parseInt(heard.stdout, 10) }
}
