import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const LOOK_EVERY_MS = 50

/**
 * Lets `app.close()` end soon and break nothing: once it has begun, each answer tells its client that the connection
 * ends, and connections on which nothing is asked are closed. Otherwise kept-alive connections would hold it for minutes.
 */
export function closeConnectionsAtEnd(app: Pick<FastifyInstance, 'addHook' | 'server'>): void {
  let looking: NodeJS.Timeout | undefined
  app.addHook('preClose', async () => {
    looking = setInterval(() => app.server.closeIdleConnections(), LOOK_EVERY_MS)
  })
  app.addHook('onSend', async (_request: FastifyRequest, reply: FastifyReply) => {
    if (looking) reply.header('connection', 'close')
  })
  app.addHook('onClose', async () => clearInterval(looking))
}
