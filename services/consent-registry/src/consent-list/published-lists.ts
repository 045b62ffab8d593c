/** A list as it is served now. */
export type SignedList = { readonly id: string; readonly token: string; readonly expiresAt: Date }

/** The signed lists of this process, in memory: they are served without the database. */
export type PublishedLists = {
  publish(lists: readonly SignedList[], open: string | undefined): void
  /** The list from which indices are claimed; undefined before the first publication. */
  openList(): string | undefined
  has(id: string): boolean
  /** The token, or undefined when there is no such list or its lease has run out. */
  token(id: string, now: Date): string | undefined
  /** The compressed bits of a list: made anew only when the withdrawn indices changed. */
  compress(id: string, revoked: readonly number[], make: (revoked: readonly number[]) => Buffer): Buffer
}

/** An empty memory of lists. */
export function createPublishedLists(): PublishedLists {
  let published = new Map<string, SignedList>()
  let openList: string | undefined
  const compressed = new Map<string, { count: number; bytes: Buffer }>()
  return {
    publish(lists, open) {
      published = new Map(lists.map((list) => [list.id, list]))
      openList = open
    },
    openList: () => openList,
    has: (id) => published.has(id),
    token(id, now) {
      const list = published.get(id)
      return list !== undefined && now < list.expiresAt ? list.token : undefined
    },
    // Bits only ever go from 0 to 1, so the same number of them is the same set.
    compress(id, revoked, make) {
      const known = compressed.get(id)
      if (known?.count === revoked.length) return known.bytes
      const bytes = make(revoked)
      compressed.set(id, { count: revoked.length, bytes })
      return bytes
    },
  }
}
