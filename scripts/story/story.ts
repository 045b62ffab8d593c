import type { SchoolCalendar } from '../../tests/fixtures/school-calendar.ts'
import type { Databases } from '../network/databases.ts'
import type { RunningServices } from '../network/services.ts'
import type { Settings } from '../network/settings.ts'
import type { AppBackend } from './app-backend.ts'
import type { Client } from './client.ts'
import type { Memory } from './memory.ts'
import type { Printer } from './print.ts'
import type { Family } from './wallets.ts'

/** What every step of the story may use. */
export interface Story {
  readonly settings: Settings
  /** the school year in which the story is told */
  readonly calendar: SchoolCalendar
  readonly databases: Databases
  readonly services: RunningServices
  readonly client: Client
  /** how the wallets reach the services */
  readonly walletFetch: typeof fetch
  readonly print: Printer
  /** Ids and API keys that outlive this run. */
  readonly memory: Memory
  /** The arithmetic app's own server, which receives webhooks. */
  readonly backend: AppBackend
  /** Codes and tokens that this run has seen, for the search at the end. */
  readonly secrets: Set<string>
  /** The wallets, and what this run has handed out and decided so far. */
  readonly family: Family
}
