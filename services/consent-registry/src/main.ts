import { startService } from '@samen/http-kit'
import { createRegistryApp } from './app.ts'
import { readConfig } from './config.ts'
import { openDeps } from './deps.ts'
import { startJobs } from './jobs.ts'

try {
  const config = readConfig()
  const deps = await openDeps(config)
  await startJobs(deps)
  await startService(createRegistryApp(deps), {
    host: config.host,
    port: config.port,
    stop: [deps.close],
    signals: true,
  })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'the consent registry cannot start'}\n`)
  process.exit(1)
}
