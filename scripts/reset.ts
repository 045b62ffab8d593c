// `npm run reset`: forgets everything a local network has stored: databases, keys, and what the story remembers.
import { existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stopStrayServer } from '@samen/pg-dev'
import { dropWhatWasMade } from './network/databases.ts'
import { endLeftBehind } from './network/running.ts'

const data = resolve(process.env.SAMEN_DATA ?? fileURLToPath(new URL('../.data', import.meta.url)))

try {
  if (existsSync(data)) await forget()
  console.log(`Forgotten: ${data}\nNext: npm start`)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

/** Processes first: a service that still ran would go on writing into what is gone. */
async function forget(): Promise<void> {
  await endLeftBehind(data)
  await stopStrayServer(join(data, 'postgres', 'data'))
  await dropWhatWasMade(data, process.env)
  rmSync(data, { recursive: true, force: true })
}
