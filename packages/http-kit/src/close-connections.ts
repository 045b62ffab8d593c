import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * Lets `app.close()` end soon and break nothing: once it has begun, each answer tells its client that the connection
 * ends. Otherwise connections kept alive after their last answer would hold it for minutes.
 */
export function closeConnectionsAtEnd(app: Pick<FastifyInstance, 'addHook'>): void {
  let ending = false
  app.addHook('preClose', async () => {
    ending = true
  })
  app.addHook('onSend', async (_request: FastifyRequest, reply: FastifyReply) => {
    if (ending) reply.header('connection', 'close')
  })
}
