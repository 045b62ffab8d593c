import { runNode } from '@samen/node-kit'
import { createRegistryApp } from './app.ts'
import { readConfig } from './config.ts'
import { openDeps } from './deps.ts'
import { startJobs } from './jobs.ts'

await runNode({ name: 'consent registry', readConfig, openDeps, startJobs, createApp: createRegistryApp })
