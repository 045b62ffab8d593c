export type BoundedMap<K, V> = {
  get(key: K): V | undefined
  set(key: K, value: V): void
  delete(key: K): void
  all(): readonly (readonly [K, V])[]
}

/** A map that holds at most `size` entries and lets go of the one unused for longest: memory does not grow with who asks. */
export function boundedMap<K, V>(size: number): BoundedMap<K, V> {
  const entries = new Map<K, V>()
  const touch = (key: K, value: V) => {
    entries.delete(key)
    entries.set(key, value)
  }
  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) touch(key, value)
      return value
    },
    set(key, value) {
      touch(key, value)
      const [oldest] = entries.keys()
      if (entries.size > size && oldest !== undefined) entries.delete(oldest)
    },
    delete: (key) => void entries.delete(key),
    all: () => [...entries],
  }
}
