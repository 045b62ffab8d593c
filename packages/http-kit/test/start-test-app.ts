import type { Test } from 'tap'
import { type App, type AppOptions, createApp } from '../src/http-kit.ts'

/** An app as services make it; `lines` takes its log. */
export function createTestApp(options: Partial<AppOptions> = {}, lines: string[] = []): App {
  return createApp({
    name: 'test',
    mode: 'production',
    logger: { level: 'debug', stream: { write: (line: string) => void lines.push(line) } },
    maxInFlight: 100,
    requestTimeoutMs: 5_000,
    openapi: { title: 'A test', description: 'What a test needs.' },
    ...options,
  })
}

/** An app whose log lines are kept, and a way to ask it over real HTTP. */
export async function startTestApp(t: Test, routes: (app: App) => void, options: Partial<AppOptions> = {}) {
  const lines: string[] = []
  const app = createTestApp(options, lines)
  routes(app)
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const ask = async (path: string, init: RequestInit = {}) => {
    const reply = await fetch(`${baseUrl}${path}`, init)
    return { status: reply.status, headers: reply.headers, text: await reply.text() }
  }
  const post = (path: string, type: string, body: string | Uint8Array<ArrayBuffer>) =>
    ask(path, { method: 'POST', headers: { 'content-type': type }, body })
  return { app, ask, post, lines, baseUrl }
}
