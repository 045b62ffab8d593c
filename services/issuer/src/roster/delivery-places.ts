import { Problem } from '@samen/errors'

/** A delivery and its reader are held in memory, up to half a gigabyte: two at a time, and one school never has both. */
const MOST_AT_ONCE = 2

export type DeliveryPlaces = {
  /** Takes a place before the first byte is read. Returns what gives it back. Throws Problem 503 when there is none. */
  take(school: string): () => void
}

/** The places of one process. */
export function createDeliveryPlaces(): DeliveryPlaces {
  const taken = new Set<string>()
  return {
    take(school) {
      if (taken.size >= MOST_AT_ONCE || taken.has(school)) {
        const headers = { 'retry-after': '5' }
        throw new Problem(503, 'temporarily-unavailable', 'Another delivery is being read; try again later', {
          headers,
        })
      }
      taken.add(school)
      return () => void taken.delete(school)
    },
  }
}
