import { compressStatusList, newBits, setStatus, signStatusListToken } from '@samen/status-list'
import type { Deps } from '../deps.ts'
import { closeList, insertList, type ListRow, readLists, readRevoked } from './consent-list.sql.ts'
import type { SignedList } from './published-lists.ts'

/** A list of 131,072 consents is 16 kB before compression; half of it is used, so that chance finds a free index at once. */
export const LIST_SIZE = 131_072
/** How long a verifier may rely on a list after it was signed: a withdrawal is effective at the latest by then. */
export const LEASE_SECONDS = 10
const TTL_SECONDS = 5
const REVOKED = 1

/** The address of a list; the `uri` in receipts and the `sub` of its tokens. */
export function listUri(publicUrl: string, id: string): string {
  return `${publicUrl}/consent-lists/${id}`
}

/**
 * Signs every consent list anew in which a consent may live (TSL#status-list-token-jwt); without its list a receipt is refused, so one
 * whose consents have all ended is needed by nobody. `exp` is `iat` + 10 s. `iat` is taken before the bits are read, so that a token
 * that misses a withdrawal was signed before the withdrawal was answered and dies within one lease of it.
 * Without a certificate, or with a log that is stopped, nothing is signed and verifiers fail closed. Throws ProtocolError 503 then.
 */
export async function signLists(
  deps: Pick<Deps, 'db' | 'head' | 'keys' | 'membership' | 'lists' | 'publicUrl' | 'now' | 'random'>,
): Promise<void> {
  const key = deps.membership.certified(deps.keys.list)
  const issuedAt = deps.now()
  const expiresAt = new Date(Math.floor(issuedAt.getTime() / 1000) * 1000 + LEASE_SECONDS * 1000)
  const lists = await openLists(deps)
  const bits = await compressLists(deps, lists)
  // After the bits: those of a database that was set back are signed by nobody, and not remembered.
  await deps.head.check()
  const signed = bits.map(({ id, revoked, bytes: compressed }): SignedList => {
    deps.lists.keep(id, revoked, compressed)
    const uri = listUri(deps.publicUrl, id)
    const token = signStatusListToken({ key, uri, bits: 1, compressed, issuedAt, expiresAt, ttlSeconds: TTL_SECONDS })
    return { id, token, expiresAt }
  })
  deps.lists.publish(signed, lists.find(({ closed }) => !closed)?.id)
}

type CompressedList = { readonly id: string; readonly revoked: number; readonly bytes: Buffer }

/** The places are read only of lists in which more is revoked than before: all others are as they were. */
async function compressLists(
  { db, lists: known }: Pick<Deps, 'db' | 'lists'>,
  lists: readonly ListRow[],
): Promise<CompressedList[]> {
  const held = lists.map((list) => ({ ...list, bytes: known.compressed(list.id, list.revoked) }))
  const changed = held.filter(({ bytes }) => bytes === undefined).map(({ id }) => id)
  const rows = changed.length === 0 ? [] : await readRevoked(db, changed)
  const places = new Map(rows.map(({ list, indices }) => [list, indices]))
  // What was revoked between the count and this reading is in the bits, and is read once more in the next round.
  return held.map(({ id, size, revoked, bytes }) => {
    return { id, revoked, bytes: bytes ?? compressStatusList(bitsOf(size, places.get(id) ?? [])) }
  })
}

/** All lists to be signed; a full one is closed and a new one opened, so that there always is one to claim from. */
async function openLists(deps: Pick<Deps, 'db' | 'random' | 'now'>): Promise<ListRow[]> {
  const read = await readLists(deps.db)
  const full = read.filter(({ closed, claimed, size }) => !closed && claimed > size / 2)
  for (const { id } of full) await closeList(deps.db, id, deps.now())
  const lists = read.map((list) => ({ ...list, closed: list.closed || full.includes(list) }))
  if (lists.some(({ closed }) => !closed)) return lists
  await insertList(deps.db, { id: deps.random(16).toString('base64url'), size: LIST_SIZE }, deps.now())
  return readLists(deps.db)
}

function bitsOf(size: number, revoked: readonly number[]) {
  const bits = newBits(size, 1)
  for (const index of revoked) setStatus(bits, index, REVOKED)
  return bits
}
