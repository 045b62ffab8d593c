import type { Db } from '@samen/pg-kit'
import type { Keyring } from '@samen/sealing'
import { openAppKeys } from './app-keys.ts'
import { type AppRow, readApp, readSlugs } from './app-tenant.sql.ts'
import type { AppTenant, AppTenants } from './app-tenant.ts'

type Remembered = { readonly app: Promise<AppTenant | undefined>; readonly until: number }

/** Another process may have renewed a certificate: what is remembered is read again now and then. */
const REMEMBERED_MS = 60_000
/** A stranger's slugs must not fill the memory. */
const MOST_REMEMBERED = 5_000

/** Remembers apps with their keys opened. Apps that are not there are not remembered. */
export function createAppTenants(deps: { db: Db; keyring: Keyring; publicUrl: string; now: () => Date }): AppTenants {
  const remembered = new Map<string, Remembered>()
  const load = async (slug: string): Promise<AppTenant | undefined> => {
    const row = await readApp(deps.db.forTenant(slug), slug)
    if (row === undefined) remembered.delete(slug)
    return row && openApp(deps, slug, row)
  }
  const find = (slug: string): Promise<AppTenant | undefined> => {
    const known = remembered.get(slug)
    if (known !== undefined && known.until > deps.now().getTime()) return known.app
    if (!SLUG.test(slug)) return Promise.resolve(undefined)
    const app = load(slug)
    app.catch(() => remembered.delete(slug))
    if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '')
    remembered.set(slug, { app, until: deps.now().getTime() + REMEMBERED_MS })
    return app
  }
  return {
    find,
    async all() {
      const slugs = await readSlugs(deps.db)
      const apps = await Promise.all(slugs.map(({ slug }) => find(slug)))
      return apps.filter((app) => app !== undefined)
    },
    forget: (slug) => void remembered.delete(slug),
  }
}

/** A path segment that cannot be mistaken in a URL; also the form of the database's own check. */
export const SLUG = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

function openApp(deps: { keyring: Keyring; publicUrl: string }, slug: string, row: AppRow): AppTenant {
  const { client_id: clientId, x5c, expires_at: expiresAt } = row
  return {
    slug,
    entityId: `${deps.publicUrl}/apps/${slug}`,
    name: row.name,
    registry: row.registry,
    returnUrls: row.return_urls,
    keys: openAppKeys(deps.keyring, slug, row.sealed_keys),
    trustMarks: row.trust_marks ?? [],
    memberUntil: row.member_until ?? undefined,
    certificate: clientId !== null && x5c !== null && expiresAt !== null ? { clientId, x5c, expiresAt } : undefined,
  }
}
