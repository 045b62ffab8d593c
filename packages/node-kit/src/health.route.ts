import type { App } from '@samen/http-kit'
import { type Db, sql } from '@samen/pg-kit'
import { Type } from 'typebox'

const Health = Type.Object({ status: Type.Literal('ok') }, { examples: [{ status: 'ok' }] })

const ASKED_AGAIN_MS = 1_000

/**
 * `GET /healthz`: 200 when this process can serve, 503 when its database does not answer. Also under overload, and so the database is asked
 * once a second at the most, whoever asks how often.
 */
export function registerHealthRoute(app: App, { db, now }: { readonly db: Db; readonly now: () => Date }): void {
  let asked = { at: Number.NEGATIVE_INFINITY, answer: Promise.resolve<unknown>(undefined) }
  const ask = (): Promise<unknown> => {
    const at = now().getTime()
    if (Math.abs(at - asked.at) >= ASKED_AGAIN_MS) asked = { at, answer: db.one(sql`select 1 as one`) }
    return asked.answer
  }
  app.get(
    '/healthz',
    {
      config: { admission: 'always' },
      schema: { tags: ['operation'], summary: 'Whether this process can serve', response: { 200: Health } },
    },
    async () => {
      await ask()
      return { status: 'ok' as const }
    },
  )
}
