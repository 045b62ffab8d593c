// Installs what the lockfile says, unless that is there already. Runs on whatever Node the machine has (20 or later), before anything
// is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${root}node_modules/.installed`
const wanted = hashOf(whatDecides())
const underPnpm = /^pnpm\//.test(process.env.npm_config_user_agent ?? '')
const isInstalled = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted

if (!underPnpm && !isInstalled) {
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  const install = ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn']
  const { status } = spawnSync('npx', install, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status === 0) writeFileSync(stamp, wanted)
  process.exitCode = status ?? 1
}

/** Every file from which an installation follows. */
function whatDecides() {
  const folders = ['packages', 'services', 'infra/dependency-stubs'].flatMap((parent) =>
    readdirSync(`${root}${parent}`).map((name) => `${parent}/${name}/`),
  )
  const manifests = ['', ...folders].map((folder) => `${folder}package.json`)
  return ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...manifests].filter((file) =>
    existsSync(`${root}${file}`),
  )
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files.sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(`${root}${file}`))
      .update('\0')
  return hash.digest('hex')
}
