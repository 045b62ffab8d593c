import type { App } from '@samen/http-kit'
import { type Db, sql } from '@samen/pg-kit'
import { Type } from 'typebox'

const Health = Type.Object({ status: Type.Literal('ok') }, { examples: [{ status: 'ok' }] })

/** `GET /healthz`: 200 when this process can serve, 503 when its database does not answer. Also under overload. */
export function registerHealthRoute(app: App, { db }: { readonly db: Db }): void {
  app.get(
    '/healthz',
    {
      config: { admission: 'always' },
      schema: { tags: ['operation'], summary: 'Whether this process can serve', response: { 200: Health } },
    },
    async () => {
      await db.one(sql`select 1 as one`)
      return { status: 'ok' as const }
    },
  )
}
