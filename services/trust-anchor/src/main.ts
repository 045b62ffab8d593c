import { startService } from '@samen/http-kit'
import { createEnrolmentApp, createTrustAnchorApp } from './app.ts'
import { filesOf, readConfig } from './config.ts'
import { closeDeps, openDeps } from './deps.ts'
import { startJobs } from './jobs.ts'

try {
  const config = readConfig()
  const deps = await openDeps(config)
  startJobs(deps)
  const enrolment = createEnrolmentApp(deps)
  await enrolment.listen({ host: config.privateHost, port: config.privatePort })
  const stop = [() => enrolment.close().then(() => undefined), () => closeDeps(deps)]
  const app = createTrustAnchorApp(deps)
  const { address } = await startService(app, { host: config.host, port: config.port, stop, signals: true })
  process.stdout.write(`operator key: ${filesOf(config).operatorKey}\n`)
  deps.log.info({ action: 'started', port: Number(new URL(address).port) }, 'the trust anchor listens')
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'the trust anchor cannot start'}\n`)
  process.exit(1)
}
