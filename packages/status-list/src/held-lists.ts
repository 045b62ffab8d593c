import type { StatusList } from './read-status-list-token.ts'
import { StatusListError } from './status-list-error.ts'

export type HeldList = { readonly list: StatusList; readonly dueAt: number; readonly liveUntil: number }

/** How much is held, inflated. */
export type ListRoom = {
  /** Beyond this the lists go that were used longest ago. */
  readonly maxBytes: number
  /** An owner whose other lists take so much has room for no more, so it never takes more than this and one list. */
  readonly maxBytesPerOwner: number
  readonly maxListsPerOwner: number
  /** A list of this owner went to make room: the next question about it makes a connection. */
  readonly onDropped: (owner: string) => void
}

/** Lists by their address, in the order in which they were used. */
export type HeldLists = {
  readonly get: (uri: string) => HeldList | undefined
  /** The same, as a use: what nobody uses goes first. */
  readonly use: (uri: string) => HeldList | undefined
  /**
   * Throws `StatusListError` `too_many_lists` when this owner has no room for the list at this address. It is never made by dropping
   * another of its lists, and is asked for before a list is fetched: a school with more lists than fit would else be asked again at each
   * question, and so hear of each.
   */
  readonly assertRoom: (owner: string, uri: string) => void
  /** Holds a list, as a use. Throws as `assertRoom`. */
  readonly put: (uri: string, entry: HeldList) => void
  readonly drop: (uri: string) => void
  readonly all: () => IterableIterator<[string, HeldList]>
}

type Share = { readonly lists: number; readonly bytes: number }
const NOTHING: Share = { lists: 0, bytes: 0 }

/** Holds no list yet, and never more than there is room for. */
export function createHeldLists(room: ListRoom): HeldLists {
  const held = new Map<string, HeldList>()
  const shares = new Map<string, Share>()
  let total = 0

  const count = ({ owner, bytes: { length } }: StatusList, sign: 1 | -1) => {
    const { lists, bytes } = shares.get(owner) ?? NOTHING
    if (lists + sign === 0) shares.delete(owner)
    else shares.set(owner, { lists: lists + sign, bytes: bytes + sign * length })
    total += sign * length
  }
  const drop = (uri: string) => {
    const known = held.get(uri)
    if (known === undefined) return
    held.delete(uri)
    count(known.list, -1)
  }
  const assertRoom = (owner: string, uri: string) => {
    const own = held.get(uri)?.list
    const { lists, bytes } = shares.get(owner) ?? NOTHING
    const others = own?.owner === owner ? { lists: lists - 1, bytes: bytes - own.bytes.length } : { lists, bytes }
    if (others.bytes >= room.maxBytesPerOwner || others.lists >= room.maxListsPerOwner)
      throw new StatusListError('too_many_lists')
  }
  return {
    get: (uri) => held.get(uri),
    use(uri) {
      const known = held.get(uri)
      if (known === undefined) return undefined
      // Maps keep the order of insertion: what is used moves to the end.
      held.delete(uri)
      held.set(uri, known)
      return known
    },
    assertRoom,
    put(uri, entry) {
      assertRoom(entry.list.owner, uri)
      drop(uri)
      held.set(uri, entry)
      count(entry.list, 1)
      for (const [oldest, { list }] of held) {
        if (total <= room.maxBytes) break
        drop(oldest)
        room.onDropped(list.owner)
      }
    },
    drop,
    all: () => held.entries(),
  }
}
