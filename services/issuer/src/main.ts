import { startService } from '@samen/http-kit'
import { createIssuerApp } from './app.ts'
import { readConfig } from './config.ts'
import { closeDeps, openDeps } from './deps.ts'
import { startJobs } from './jobs.ts'

try {
  const config = readConfig()
  const deps = await openDeps(config)
  const app = createIssuerApp(deps)
  await startJobs(deps)
  const stop = [() => closeDeps(deps)]
  const { address } = await startService(app, { host: config.host, port: config.port, stop, signals: true })
  deps.log.info({ action: 'started', port: Number(new URL(address).port) }, 'the issuer listens')
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'the issuer cannot start'}\n`)
  process.exit(1)
}
