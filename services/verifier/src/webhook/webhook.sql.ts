import { type Statements, sql, type Tx } from '@samen/pg-kit'

/** False when the app has as many as it may. */
export const insertWebhook = async (
  tx: Tx,
  webhook: { tenant: string; id: string; url: string; sealedSecret: Buffer; at: Date; most: number },
): Promise<boolean> =>
  (await tx.run(sql`
    insert into webhook (tenant, id, url, sealed_secret, created_at)
    select ${webhook.tenant}, ${webhook.id}, ${webhook.url}, ${webhook.sealedSecret}, ${webhook.at}
    where (select count(*) from webhook where tenant = ${webhook.tenant}) < ${webhook.most}`)) === 1

export interface WebhookRow {
  readonly id: string
  readonly url: string
  readonly created_at: Date
}

/** The addresses of an app, oldest first. */
export const readWebhooks = (db: Statements, tenant: string): Promise<WebhookRow[]> =>
  db.many<WebhookRow>(sql`select id, url, created_at from webhook where tenant = ${tenant} order by created_at, id`)

/** An address and its sealed secret; undefined when the app has removed it. */
export const readWebhook = (
  db: Statements,
  tenant: string,
  id: string,
): Promise<{ url: string; sealed_secret: Buffer } | undefined> =>
  db.maybe(sql`select url, sealed_secret from webhook where tenant = ${tenant} and id = ${id}`)

/** False when the app has no such address. */
export const deleteWebhook = async (tx: Tx, tenant: string, id: string): Promise<boolean> =>
  (await tx.run(sql`delete from webhook where tenant = ${tenant} and id = ${id}`)) === 1
