// Forgets everything a local network has stored: databases, keys, and what the story remembers.
import { existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const data = process.env.SAMEN_DATA ?? fileURLToPath(new URL('../.data', import.meta.url))
const running = existsSync(`${data}/running.pid`)
if (running) {
  console.error(`A network is still running on ${data}. Stop it first (Ctrl-C in its window), then reset.`)
  process.exit(1)
}
rmSync(data, { recursive: true, force: true })
console.log(`Forgotten: ${data}\nNext: npm start`)
