import type { StatusList } from './read-status-list-token.ts'
import { StatusListError } from './status-list-error.ts'

export type HeldList = { readonly list: StatusList; readonly dueAt: number; readonly liveUntil: number }

/** How much is held, inflated. */
export type ListRoom = {
  /** beyond this the lists go that were asked for longest ago */
  readonly maxBytes: number
  /** for all lists of one owner; one more is refused */
  readonly maxBytesPerOwner: number
}

/** Lists by their address, in the order in which they were used. */
export type HeldLists = {
  readonly get: (uri: string) => HeldList | undefined
  /** The same, as a use: what nobody uses goes first. */
  readonly use: (uri: string) => HeldList | undefined
  /**
   * Holds a list, as a use. Throws `StatusListError` `too_many_lists` when its owner has no room for it. That room is never made by
   * dropping another of its lists: a school with more lists than fit would be asked again at each question, and so hear of each.
   */
  readonly put: (uri: string, entry: HeldList) => void
  readonly drop: (uri: string) => void
  readonly all: () => IterableIterator<[string, HeldList]>
}

export function createHeldLists({ maxBytes, maxBytesPerOwner }: ListRoom): HeldLists {
  const held = new Map<string, HeldList>()
  const bytesOf = new Map<string, number>()
  let total = 0

  const count = ({ owner, bytes }: StatusList, sign: 1 | -1) => {
    const left = (bytesOf.get(owner) ?? 0) + sign * bytes.length
    if (left === 0) bytesOf.delete(owner)
    else bytesOf.set(owner, left)
    total += sign * bytes.length
  }
  const drop = (uri: string) => {
    const known = held.get(uri)
    if (known === undefined) return
    held.delete(uri)
    count(known.list, -1)
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
    put(uri, entry) {
      const { owner, bytes } = entry.list
      const before = held.get(uri)?.list
      const ofOwner = (bytesOf.get(owner) ?? 0) - (before?.owner === owner ? before.bytes.length : 0)
      if (ofOwner + bytes.length > maxBytesPerOwner) throw new StatusListError('too_many_lists')
      drop(uri)
      held.set(uri, entry)
      count(entry.list, 1)
      for (const oldest of held.keys()) {
        if (total <= maxBytes) break
        drop(oldest)
      }
    },
    drop,
    all: () => held.entries(),
  }
}
