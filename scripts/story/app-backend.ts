import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { until } from './until.ts'

/** An event as the app's own server got it: only ids, checked against the webhook's signature. */
export interface ReceivedEvent {
  readonly type: string
  readonly data: Record<string, unknown>
}

/** The server of the arithmetic app, which the verifier tells about withdrawals. */
export interface AppBackend {
  readonly port: number
  readonly url: string
  /** Sets the secret that the verifier gave out when the webhook was registered. */
  trust(secret: string): void
  /** Resolves to the next event of this type about this consent; rejects after half a minute. */
  next(type: string, consent: string): Promise<ReceivedEvent>
  stop(): Promise<void>
}

/** @param port the port of an earlier run, or 0 for any */
export async function startAppBackend(port: number): Promise<AppBackend> {
  const received: ReceivedEvent[] = []
  let webhook: Webhook | null = null
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    try {
      const headers = request.headers as Record<string, string>
      received.push(webhook?.verify(Buffer.concat(chunks).toString(), headers) as ReceivedEvent)
      reply.writeHead(204).end()
    } catch {
      reply.writeHead(400).end()
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const bound = (server.address() as { port: number }).port
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/samen-events`,
    trust: (secret) => {
      webhook = new Webhook(secret)
    },
    next: (type, consent) => takeEvent(received, type, consent),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function takeEvent(received: readonly ReceivedEvent[], type: string, consent: string): Promise<ReceivedEvent> {
  const find = () => received.find((event) => event?.type === type && event.data['consent'] === consent)
  await until(`the app's server got ${type}`, async () => find() !== undefined)
  return find() as ReceivedEvent
}
