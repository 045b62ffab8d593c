// Runs on whatever Node the machine has (20 or later), before anything is installed.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const underPnpm = /^pnpm\//.test(process.env.npm_config_user_agent ?? '')
if (!underPnpm) {
  const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const install = ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn']
  const { status } = spawnSync('npx', install, { stdio: 'inherit', shell: process.platform === 'win32' })
  process.exit(status ?? 1)
}
