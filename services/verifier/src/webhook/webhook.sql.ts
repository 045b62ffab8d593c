import { type Statements, sql } from '@samen/pg-kit'

export const insertWebhook = (
  db: Statements,
  webhook: { tenant: string; id: string; url: string; sealedSecret: Buffer; at: Date },
): Promise<number> =>
  db.run(sql`
    insert into webhook (tenant, id, url, sealed_secret, created_at)
    values (${webhook.tenant}, ${webhook.id}, ${webhook.url}, ${webhook.sealedSecret}, ${webhook.at})`)

export const readWebhookIds = (db: Statements, tenant: string): Promise<{ id: string }[]> =>
  db.many(sql`select id from webhook where tenant = ${tenant} order by created_at, id`)

export const readWebhook = (
  db: Statements,
  tenant: string,
  id: string,
): Promise<{ url: string; sealed_secret: Buffer } | undefined> =>
  db.maybe(sql`select url, sealed_secret from webhook where tenant = ${tenant} and id = ${id}`)
