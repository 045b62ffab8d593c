// Runs all tests, or the files named on the command line, over one PostgreSQL for the whole run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dropTemplates, SERVER_VARIABLE, startTestServer } from '@samen/test-kit'

const root = fileURLToPath(new URL('..', import.meta.url))
const resultsFile = `.tap/results-${process.pid}.tap`

process.chdir(root)
mkdirSync('.tap', { recursive: true })
const server = await openServer()
const exitCode = await runTap({ ...process.env, [SERVER_VARIABLE]: server.url })
await server.close()
const totals = readTotals()
rmSync(resultsFile, { force: true })
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

async function runTap(env: NodeJS.ProcessEnv): Promise<number> {
  const tap = 'node_modules/tap/dist/esm/run.mjs'
  const reporter = process.stdout.isTTY ? [] : ['--reporter=terse']
  const options = [`--output-file=${resultsFile}`, ...reporter, ...process.argv.slice(2)]
  const child = spawn(process.execPath, [tap, ...options], { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const [code] = await once(child, 'exit')
  return code ?? 1
}

function readTotals(): { pass: number; fail: number; skip: number } {
  const text = existsSync(resultsFile) ? readFileSync(resultsFile, 'utf8') : ''
  const last = text.match(/^# \{ total: .*\}$/gm)?.at(-1) ?? ''
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(last)?.[1] ?? 0)
  return { pass: count('pass'), fail: count('fail'), skip: count('skip') + count('todo') }
}
