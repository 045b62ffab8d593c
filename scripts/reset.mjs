// Forgets everything a local network has stored: databases, keys, and what the story remembers.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const data = process.env.SAMEN_DATA ?? fileURLToPath(new URL('../.data', import.meta.url))
const claim = `${data}/running.json`
if (existsSync(claim) && isAlive(JSON.parse(readFileSync(claim, 'utf8')).owner)) {
  console.error(`A network is still running on ${data}. Stop it first (Ctrl-C in its window), then reset.`)
  process.exit(1)
}
rmSync(data, { recursive: true, force: true })
console.log(`Forgotten: ${data}\nNext: npm start`)

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
