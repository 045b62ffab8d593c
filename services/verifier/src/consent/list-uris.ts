import type { Db } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { readListUris } from './consent.sql.ts'

/** Every list of live consents on which a receipt of these apps depends, each once. */
export async function listUrisOf(db: Db, apps: readonly AppTenant[]): Promise<string[]> {
  const uris = new Set<string>()
  for (const app of apps) {
    for (const { list_uri: uri } of await readListUris(db.forTenant(app.slug), app.slug)) uris.add(uri)
  }
  return [...uris]
}
