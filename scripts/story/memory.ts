import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../network/settings.ts'

/** What the people of the story keep between two runs: their API keys and the ids of what they registered. */
export interface Remembered {
  tenants: Record<string, { entityId: string; apiKey: string }>
  purposes: Record<string, { id: string; uri: string }>
  agreements: string[]
  webhook?: { secret: string; port: number }
}

export interface Memory {
  readonly remembered: Remembered
  save(): void
}

/** Opens `story.json` in the data folder. It holds API keys, so only its owner may read it. */
export function openMemory(settings: Settings): Memory {
  const file = join(settings.dataDirectory, 'story.json')
  const remembered: Remembered = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { tenants: {}, purposes: {}, agreements: [] }
  return {
    remembered,
    save() {
      writeFileSync(`${file}.new`, `${JSON.stringify(remembered, null, 2)}\n`, { mode: 0o600 })
      renameSync(`${file}.new`, file)
    },
  }
}
