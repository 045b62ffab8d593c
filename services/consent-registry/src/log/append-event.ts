import type { Tx } from '@samen/pg-kit'
import type { JsonObject } from '@samen/strict-json'
import { leafCommitment, SALT_BYTES } from '@samen/transparency-log'
import type { Deps } from '../deps.ts'
import { insertEvent, type LogEventRow } from './log.sql.ts'

/** What is logged: a public text, or something about one request (`handle`), which only its family can open. */
export type LoggedEvent = { handle: string | undefined; event: JsonObject & { type: string } }

/**
 * Appends an event in the transaction of its effect. It waits there as a salted commitment until the sequencer gives it a place;
 * what happened and what is logged cannot differ.
 */
export async function appendEvent(
  deps: Pick<Deps, 'keyring' | 'random' | 'now'>,
  tx: Tx,
  logged: LoggedEvent,
): Promise<void> {
  await insertEvent(tx, prepareEvent(deps, logged))
}

/** The row for an event, for use cases that write it together with their own rows. */
export function prepareEvent(
  deps: Pick<Deps, 'keyring' | 'random' | 'now'>,
  { handle, event }: LoggedEvent,
): LogEventRow {
  const id = deps.random(16).toString('base64url')
  const at = deps.now()
  const salt = deps.random(SALT_BYTES)
  const dated = { ...event, ...(handle === undefined ? {} : { handle }), at: at.toISOString() }
  const sealed = deps.keyring.seal(JSON.stringify({ event: dated, salt: salt.toString('base64url') }), eventContext(id))
  return { id, handle: handle ?? null, commitment: leafCommitment(salt, dated), sealed, at }
}

/** Opens a sealed event. */
export function openEvent(
  deps: Pick<Deps, 'keyring'>,
  id: string,
  sealed: Buffer,
): { event: JsonObject; salt: string } {
  return JSON.parse(deps.keyring.open(sealed, eventContext(id)).toString('utf8')) as { event: JsonObject; salt: string }
}

function eventContext(id: string): string {
  return `registry/event/${id}`
}
