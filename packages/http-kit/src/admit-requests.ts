import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { App } from './create-app.ts'

/** Thrown for a request too many; becomes 503 with `Retry-After`. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

type Admission = { config?: { admission?: 'always' } }

/**
 * Refuses what exceeds `maxInFlight` requests at once: an answer within milliseconds instead of a queue in which every request grows old.
 * A full service says so before it reads a body; a place is taken only when the body is there, or a few hundred clients that send a byte
 * now and then would hold them all. Bodies in transit are bounded by the number of connections and the time to send a request.
 *
 * A place belongs to the work and not to the connection: it comes back when the handler is done, or after `deadlineMs` (a route's own
 * `handlerTimeout`). Whoever hangs up stops nothing that has begun, so that asking and hanging up would start work without end; nothing
 * is begun for a client that has gone already. Routes with `admission: 'always'` (health) are let through and not counted. Throws
 * `Overloaded` into the request.
 */
export function admitRequests(
  app: Pick<App, 'addHook'>,
  { maxInFlight, deadlineMs }: { maxInFlight: number; deadlineMs: number },
): void {
  let inFlight = 0
  const assertRoom = (): void => {
    if (inFlight >= maxInFlight) throw new Overloaded()
  }
  const takePlace = (forMs: number): (() => void) => {
    assertRoom()
    inFlight++
    let isHeld = true
    const giveBack = () => {
      clearTimeout(deadline)
      if (isHeld) inFlight--
      isHeld = false
    }
    const deadline = setTimeout(giveBack, forMs)
    return giveBack
  }
  app.addHook('onRequest', async ({ routeOptions }) => {
    if (!isAlways(routeOptions)) assertRoom()
  })
  const counted = new WeakSet<RouteHandlerMethod>()
  app.addHook('onRoute', (route) => {
    // The HEAD route of a GET comes with the handler that was made here.
    if (isAlways(route) || counted.has(route.handler)) return
    const { handler, handlerTimeout = deadlineMs } = route
    route.handler = async function (this: unknown, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      if (reply.raw.closed || reply.raw.destroyed) throw new Overloaded()
      const giveBack = takePlace(handlerTimeout)
      try {
        return await Reflect.apply(handler, this, [request, reply])
      } finally {
        giveBack()
      }
    }
    counted.add(route.handler)
  })
}

function isAlways(route: object): boolean {
  return (route as Admission).config?.admission === 'always'
}
