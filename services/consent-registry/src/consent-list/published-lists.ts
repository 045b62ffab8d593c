/** A list as it is served now. */
export type SignedList = { readonly id: string; readonly token: string; readonly expiresAt: Date }

/** The signed lists of this process, in memory: they are served without the database. */
export type PublishedLists = {
  publish(lists: readonly SignedList[], open: string | undefined): void
  /** The list from which indices are claimed; undefined before the first publication. */
  openList(): string | undefined
  has(id: string): boolean
  /** The list, or undefined when there is no such one or its lease has run out. */
  find(id: string, now: Date): SignedList | undefined
  /** The compressed bits of a list in which so many places are revoked; undefined when they have to be made anew. */
  compressed(id: string, revoked: number): Buffer | undefined
  keep(id: string, revoked: number, bytes: Buffer): void
}

/** An empty memory of lists. */
export function createPublishedLists(): PublishedLists {
  let published = new Map<string, SignedList>()
  let openList: string | undefined
  const compressed = new Map<string, { revoked: number; bytes: Buffer }>()
  return {
    publish(lists, open) {
      published = new Map(lists.map((list) => [list.id, list]))
      openList = open
      for (const id of compressed.keys()) if (!published.has(id)) compressed.delete(id)
    },
    openList: () => openList,
    has: (id) => published.has(id),
    find(id, now) {
      const list = published.get(id)
      return list !== undefined && now < list.expiresAt ? list : undefined
    },
    // Bits only ever go from 0 to 1, so the same number of them is the same set.
    compressed(id, revoked) {
      const known = compressed.get(id)
      return known?.revoked === revoked ? known.bytes : undefined
    },
    keep: (id, revoked, bytes) => void compressed.set(id, { revoked, bytes }),
  }
}
