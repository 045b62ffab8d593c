import { runNode } from '@samen/node-kit'
import { createIssuerApp } from './app.ts'
import { readConfig } from './config.ts'
import { openDeps } from './deps.ts'
import { startJobs } from './jobs.ts'

await runNode({ name: 'issuer', readConfig, openDeps, startJobs, createApp: createIssuerApp })
