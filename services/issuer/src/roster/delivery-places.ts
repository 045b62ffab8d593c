import { Problem } from '@samen/errors'

/** A delivery and its reader are held in memory, up to half a gigabyte: two at a time, and one school never has both. */
const MOST_AT_ONCE = 2

/** What is asked of the connection on which an answer is awaited. */
type Connection = { readonly destroyed: boolean; once(event: 'close', listener: () => void): unknown }

export interface DeliveryPlace {
  /** Does the work for which the place was taken. The place comes back when that ends, whoever has hung up meanwhile. */
  use<T>(work: () => Promise<T>): Promise<T>
}

export interface DeliveryPlaces {
  /** Takes a place before the first byte is read. It comes back when the connection closes before the work has begun. Throws Problem 503 when there is none. */
  take(school: string, connection: Connection): DeliveryPlace
}

/** The places of one process. */
export function createDeliveryPlaces(): DeliveryPlaces {
  const taken = new Set<string>()
  return {
    take(school, connection) {
      // Whoever hung up already closes nothing any more that would give the place back.
      if (connection.destroyed || taken.size >= MOST_AT_ONCE || taken.has(school)) throw noPlace()
      taken.add(school)
      let state: 'taken' | 'used' | 'given back' = 'taken'
      const giveBack = (): void => {
        if (state !== 'given back') taken.delete(school)
        state = 'given back'
      }
      connection.once('close', () => {
        // The reader and what it read stay until it is done: whoever sends and hangs up, again and again, must not have ten of them.
        if (state === 'taken') giveBack()
      })
      return {
        async use(work) {
          if (state !== 'taken') throw noPlace()
          state = 'used'
          try {
            return await work()
          } finally {
            giveBack()
          }
        },
      }
    },
  }
}

function noPlace(): Problem {
  const headers = { 'retry-after': '5' }
  return new Problem(503, 'temporarily-unavailable', 'Another delivery is being read; try again later', { headers })
}
