import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Answer {
  readonly status?: number
  readonly type: string
  readonly body: string
}

/** What the server answers, by `METHOD /path`; the body of a POST comes as text. */
export type Answers = Map<string, (body: string, headers: IncomingHttpHeaders) => Answer | Promise<Answer>>

export interface TestServer {
  readonly base: string
  readonly answers: Answers
  /** every request that arrived, as `METHOD /path` */
  readonly seen: string[]
  readonly stop: () => Promise<void>
}

/** A server on loopback that plays everybody but the registry: what it sees is all that the registry says to others. */
export async function startTestServer(): Promise<TestServer> {
  const answers: Answers = new Map()
  const seen: string[] = []
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const name = `${request.method} ${new URL(request.url ?? '/', 'http://test').pathname}`
    seen.push(name)
    const none = { status: 404, type: 'text/plain', body: '' }
    const {
      status = 200,
      type,
      body,
    } = (await answers.get(name)?.(Buffer.concat(chunks).toString(), request.headers)) ?? none
    reply.writeHead(status, { 'content-type': type }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
