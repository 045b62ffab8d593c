// Runs all tests, or the files named on the command line, over one PostgreSQL for the whole run.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dropTemplates, SERVER_VARIABLE, startTestServer } from '@samen/test-kit'
import { readTotals, shortenTap, type Totals } from './shorten-tap.ts'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const server = await openServer()
const { exitCode, totals } = await runTap({ ...process.env, [SERVER_VARIABLE]: server.url })
await server.close()
if (exitCode !== 0 && totals.fail === 0) console.error('\ntap ended with an error, although no test failed: see above')
// On a line of its own: tap's reporters may leave a terminal code without a line end behind.
console.log(`\n${totals.pass} passed, ${totals.fail} failed${totals.skip > 0 ? `, ${totals.skip} skipped` : ''}`)
process.exitCode = exitCode === 0 && totals.pass > 0 && totals.fail === 0 ? 0 : exitCode || 1

async function openServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const given = process.env['DATABASE_URL']
  if (given) return { url: given, close: () => dropTemplates(given) }
  const { url, stop, onExit } = await startTestServer()
  process.once('exit', onExit)
  return { url, close: stop }
}

async function runTap(env: NodeJS.ProcessEnv): Promise<{ exitCode: number; totals: Totals }> {
  const start = (options: string[], output: 'inherit' | 'pipe') => {
    const words = ['node_modules/tap/dist/esm/run.mjs', ...options, ...process.argv.slice(2)]
    const child = spawn(process.execPath, words, { stdio: ['inherit', output, 'inherit'], env })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
    return { child, ended: once(child, 'exit').then(([code]) => Number(code ?? 1)) }
  }
  return process.stdout.isTTY ? runAtTerminal(start) : runForLog(start)
}

type Start = (options: string[], output: 'inherit' | 'pipe') => { child: ChildProcess; ended: Promise<number> }

async function runAtTerminal(start: Start): Promise<{ exitCode: number; totals: Totals }> {
  const file = `.tap/results-${process.pid}.tap`
  mkdirSync('.tap', { recursive: true })
  const exitCode = await start([`--output-file=${file}`], 'inherit').ended
  const totals = readTotals(existsSync(file) ? readFileSync(file, 'utf8') : '')
  rmSync(file, { force: true })
  return { exitCode, totals }
}

// With --output-file tap would write everything twice here.
async function runForLog(start: Start): Promise<{ exitCode: number; totals: Totals }> {
  const { child, ended } = start(['--reporter=tap'], 'pipe')
  if (!child.stdout) throw new Error('tap has no output')
  const totals = await shortenTap(child.stdout, process.stdout)
  return { exitCode: await ended, totals }
}
