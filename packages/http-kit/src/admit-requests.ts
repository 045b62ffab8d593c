import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './create-app.ts'

/** Thrown for a request too many; becomes 503 with `Retry-After`. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

type Admission = { config?: { admission?: 'always' } }

/**
 * Refuses what exceeds `maxInFlight` requests at once: an answer within milliseconds instead of a queue in which every request grows old.
 * A full service says so before it reads a body; a place is taken only when the body is there, or a few hundred clients that send a byte
 * now and then would hold them all. Bodies in transit are bounded by the number of connections and the time to send a request. Routes with
 * `admission: 'always'` (health) are let through and not counted. The hooks throw `Overloaded`.
 */
export function admitRequests(app: Pick<App, 'addHook'>, maxInFlight: number): void {
  let inFlight = 0
  const assertRoom = (request: FastifyRequest): boolean => {
    if ((request.routeOptions as Admission).config?.admission === 'always') return false
    if (inFlight >= maxInFlight) throw new Overloaded()
    return true
  }
  app.addHook('onRequest', async (request) => void assertRoom(request))
  app.addHook('preValidation', async (request: FastifyRequest, { raw }: FastifyReply) => {
    // A client that has gone away already gives no place back.
    if (raw.closed || !assertRoom(request)) return
    inFlight++
    // Also after an aborted request or a broken connection.
    raw.once('close', () => {
      inFlight--
    })
  })
}
