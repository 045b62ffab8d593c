import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SchoolCalendar } from '../../tests/fixtures/school-calendar.ts'
import type { Settings } from '../network/settings.ts'
import type { ConsentRequest } from './wallets.ts'

/** What the people of the story keep between two runs: their API keys and the ids of what they registered. */
export interface Remembered {
  tenants: Record<string, { entityId: string; apiKey: string }>
  purposes: Record<string, { id: string; uri: string }>
  agreements: string[]
  /** of the purposes and agreements: in another one the apps and the school agree anew */
  schoolYear: number
  webhook?: { secret: string; port: number }
  /** what a run asked for last: one that was stopped may have left a yes */
  consent?: ConsentRequest
}

export interface Memory {
  readonly remembered: Remembered
  save(): void
}

/** Opens `story.json` in the data folder. It holds API keys, so only its owner may read it. */
export function openMemory(settings: Settings, { firstYear: schoolYear }: SchoolCalendar): Memory {
  const file = join(settings.dataDirectory, 'story.json')
  const nothing = { tenants: {}, purposes: {}, agreements: [], schoolYear }
  const kept: Remembered = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : nothing
  const remembered = kept.schoolYear === schoolYear ? kept : { ...kept, purposes: {}, agreements: [], schoolYear }
  return {
    remembered,
    save() {
      writeFileSync(`${file}.new`, `${JSON.stringify(remembered, null, 2)}\n`, { mode: 0o600 })
      renameSync(`${file}.new`, file)
    },
  }
}

/** The API key and entity id that a school or an app of the story was given when it was made. Throws Error before that. */
export function tenant({ memory }: { readonly memory: Memory }, slug: string): { entityId: string; apiKey: string } {
  const found = memory.remembered.tenants[slug]
  if (!found) throw new Error(`${slug} has not been enrolled`)
  return found
}

/** The purpose that an app of the story registered. Throws Error before that. */
export function purposeOf({ memory }: { readonly memory: Memory }, slug: string): { id: string; uri: string } {
  const found = memory.remembered.purposes[slug]
  if (!found) throw new Error(`${slug} has no purpose`)
  return found
}
