import type { Test } from './fresh-database.ts'

/** What a fastify app offers. */
type App = { listen: (options: { host: string; port: number }) => Promise<string>; close: () => Promise<unknown> }

/** Serves an app on a free loopback port until the test is over. Answers its base URL, without a slash at the end. */
export async function startHttp(t: Test, app: App): Promise<string> {
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await app.close()
  })
  return baseUrl
}
