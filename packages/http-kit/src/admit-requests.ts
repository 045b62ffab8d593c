import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Thrown for a request too many; becomes 503 with `Retry-After`. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

type Admission = { config?: { admission?: 'always' } }

/**
 * An `onRequest` hook that refuses what exceeds `maxInFlight` requests at once, before the body is read: an answer within
 * milliseconds instead of a queue in which every request grows old. Routes with `admission: 'always'` (health) are let
 * through and not counted. The hook throws `Overloaded`.
 */
export function admitRequests(maxInFlight: number) {
  let inFlight = 0
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if ((request.routeOptions as Admission).config?.admission === 'always') return
    if (inFlight >= maxInFlight) throw new Overloaded()
    inFlight++
    // Also after an aborted request or a broken connection.
    const raw: ServerResponse<IncomingMessage> = reply.raw
    raw.once('close', () => {
      inFlight--
    })
  }
}
