import { runNode } from '@samen/node-kit'
import { createEnrolmentApp, createTrustAnchorApp } from './app.ts'
import { readConfig } from './config.ts'
import { openDeps } from './deps.ts'
import { startJobs } from './jobs.ts'

await runNode({
  name: 'trust anchor',
  readConfig,
  openDeps,
  startJobs,
  createApp: createTrustAnchorApp,
  inside: { createApp: createEnrolmentApp, address: ({ privateHost: host, privatePort: port }) => ({ host, port }) },
})
