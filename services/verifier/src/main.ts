import { runNode } from '@samen/node-kit'
import { createVerifierApp } from './app.ts'
import { readConfig } from './config.ts'
import { openDeps } from './deps.ts'
import { startJobs } from './jobs.ts'

await runNode({ name: 'verifier', readConfig, openDeps, startJobs, createApp: createVerifierApp })
