import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = { readonly status?: number; readonly type: string; readonly body: string }

/** What came in; the body as text. */
export type Asked = {
  readonly query: URLSearchParams
  readonly body: string
  readonly headers: IncomingHttpHeaders
}

/** What is answered, by `METHOD /path`; 404 to everything else. */
export type Answers = Map<string, (asked: Asked) => Answer | Promise<Answer>>

export type Others = {
  /** without a slash at the end */
  readonly base: string
  readonly answers: Answers
  /** every request that arrived, as `METHOD /path` */
  readonly seen: string[]
  readonly stop: () => Promise<void>
}

/** A server on loopback that plays everybody but the service under test: what it sees is all that the service says to others. */
export async function startOthers(): Promise<Others> {
  const answers: Answers = new Map()
  const seen: string[] = []
  const server = createServer(async (request, reply) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://test')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const name = `${request.method} ${pathname}`
    seen.push(name)
    const asked = { query, body: Buffer.concat(chunks).toString(), headers: request.headers }
    const answer = (await answers.get(name)?.(asked)) ?? { status: 404, type: 'text/plain', body: '' }
    reply.writeHead(answer.status ?? 200, { 'content-type': answer.type }).end(answer.body)
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

/** A port of loopback that is free now, for a service that has to know its own address before it listens. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
