import { type Db, json, type Statements, sql, type Tx } from '@samen/pg-kit'

export interface AppRow {
  readonly name: string
  readonly registry: string
  readonly return_urls: string[]
  readonly sealed_keys: Buffer
  readonly trust_marks: string[] | null
  readonly member_until: Date | null
  readonly client_id: string | null
  readonly x5c: string[] | null
  readonly expires_at: Date | null
}

/** The app of the tenant with what the anchor granted it, and its newest certificate. */
export const readApp = (db: Db, tenant: string): Promise<AppRow | undefined> =>
  db.maybe<AppRow>(sql`
    select a.name, a.registry, a.return_urls, a.sealed_keys, m.trust_marks, m.member_until, c.client_id, c.x5c, c.expires_at
    from app a
    left join app_membership m on m.tenant = a.tenant
    left join lateral (select client_id, x5c, expires_at from app_certificate
      where tenant = a.tenant order by expires_at desc limit 1) c on true
    where a.tenant = ${tenant}`)

/** The names of all apps of this node. */
export const readSlugs = (db: Db): Promise<{ slug: string }[]> => db.many(sql`select slug from node_app order by slug`)

/** False when the name is taken. */
export const insertSlug = async (db: Statements, slug: string): Promise<boolean> =>
  (await db.run(sql`insert into node_app (slug) values (${slug}) on conflict (slug) do nothing`)) === 1

/** The app behind a name that was just taken. */
export const insertApp = (
  db: Statements,
  app: { slug: string; name: string; registry: string; returnUrls: readonly string[]; sealedKeys: Buffer; at: Date },
): Promise<number> =>
  db.run(sql`
    insert into app (tenant, name, registry, return_urls, sealed_keys, created_at)
    values (${app.slug}, ${app.name}, ${app.registry}, ${json(app.returnUrls)}, ${app.sealedKeys}, ${app.at})`)

/** Holds the app until the transaction ends. */
export const lockAppRow = (tx: Tx, tenant: string): Promise<{ tenant: string }> =>
  tx.one(sql`select tenant from app where tenant = ${tenant} for update`)
