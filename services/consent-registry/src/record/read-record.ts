import { ProtocolError } from '@samen/errors'
import type { JsonObject } from '@samen/strict-json'
import { encodeProof, proveConsistency, proveInclusion, readTiles, type TileReader } from '@samen/transparency-log'
import type { Deps } from '../deps.ts'
import { openEvent } from '../log/append-event.ts'
import type { LogHead } from '../log/log.sql.ts'
import { sequenceLog } from '../log/sequence-log.ts'
import { readLogTile } from '../log/serve-log.ts'
import { openBox, type Ward } from './box.ts'
import { type ConsentRow, type EventRow, readConsents } from './record.sql.ts'
import { describeConsent, type RecordedConsent } from './recorded-consent.ts'

/** Everything this registry knows about one child, with what is needed to check it without trusting us and without any network. */
export type FamilyRecord = {
  log: {
    url: string
    verifier_key: string
    /** how many entries the checkpoint covers: what the family gives us next time, to get `consistency` with this record */
    size: number
    checkpoint: string
    consistency?: { from: number; proof: string[] }
  }
  consents: RecordedConsent[]
  events: { event: JsonObject; salt: string; index: number; at: string; proof: string[] }[]
}

/** An event that waits for its place gets one in the next round, unless other processes kept placing theirs first. */
const MOST_ROUNDS = 5

/**
 * The record of one child: every request that was ever decided on, given, refused or withdrawn, and its log entries, each proved under
 * the checkpoint. Entries of other children are never in it: handles come from this child's box alone. `since` is the size of the log in
 * a record that the family kept, or undefined: the proof that its log is the beginning of this one is then in the record. Throws
 * ProtocolError 503.
 */
export async function readRecord(deps: Deps, child: Ward, since: number | undefined): Promise<FamilyRecord> {
  const { consents, head } = await readLogged(deps, await openBox(deps, child))
  const tiles = readTiles(head.size, async (path) => (await readLogTile(deps, path))?.bytes)
  const events = consents.flatMap((row) => row.events).sort((one, other) => Number(one.idx) - Number(other.idx))
  return {
    log: {
      url: `${deps.publicUrl}/log`,
      verifier_key: deps.keys.log.verifierKey,
      size: head.size,
      checkpoint: head.checkpoint,
      ...(await growth(tiles, since)),
    },
    consents: consents.map((row) => describeConsent(deps, row)),
    events: await Promise.all(events.map((row) => describeEvent(deps, tiles, row))),
  }
}

/** Requests of which every event has its place in the log, and a head that covers them. Throws ProtocolError 503 when that takes too long. */
async function readLogged(
  deps: Deps,
  handles: readonly string[],
): Promise<{ consents: readonly ConsentRow[]; head: LogHead }> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    await sequenceLog(deps)
    const consents = await readConsents(deps.db, handles)
    if (consents.every(({ events }) => events.every(({ idx }) => idx !== null))) {
      return { consents, head: await sequenceLog(deps) }
    }
  }
  const headers = { 'retry-after': '2' }
  throw new ProtocolError(503, 'temporarily_unavailable', 'events of this record wait for their place in the log', {
    headers,
  })
}

/** A head that we never had is not explained: the family has then more than we can show. */
async function growth(tiles: TileReader, since: number | undefined): Promise<Partial<FamilyRecord['log']>> {
  if (since === undefined || since > tiles.size) return {}
  return { consistency: { from: since, proof: encodeProof(await proveConsistency(tiles, since)) } }
}

async function describeEvent(
  deps: Pick<Deps, 'keyring'>,
  tiles: TileReader,
  { id, sealed_event, idx, at }: EventRow,
): Promise<FamilyRecord['events'][number]> {
  const index = Number(idx)
  const { event, salt } = openEvent(deps, id, Buffer.from(sealed_event, 'hex'))
  return { event, salt, index, at, proof: encodeProof(await proveInclusion(tiles, index)) }
}
