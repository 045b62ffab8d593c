import type { Keyring } from '@samen/sealing'
import type { JsonObject } from '@samen/strict-json'

/** How long an answer waits: to be confirmed where it began, and to be read. */
export const RESULT_LIFETIME_MS = 300_000

/** What an app may learn from one presentation: the facts of its purpose, and its own pseudonym of the child. */
export interface PresentationResult {
  readonly claims: JsonObject
  readonly pseudonym: string
}

/** What the app may read, sealed for the row of this presentation. */
export function sealResult(keyring: Keyring, tenant: string, id: string, result: PresentationResult): Buffer {
  return keyring.seal(JSON.stringify(result), contextOf(tenant, id))
}

/** Throws SealingError when the row is another presentation's. */
export function openResult(keyring: Keyring, tenant: string, id: string, sealed: Buffer): PresentationResult {
  return JSON.parse(keyring.open(sealed, contextOf(tenant, id)).toString('utf8')) as PresentationResult
}

function contextOf(tenant: string, id: string): string {
  return `verifier/result/${tenant}/${id}`
}
