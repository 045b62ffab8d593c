import type { Db } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { readListUris } from './consent.sql.ts'

/** Every list of live consents on which a receipt of these apps depends, with the registry whose it must be. */
export async function consentListsOf(db: Db, apps: readonly AppTenant[]): Promise<ReadonlyMap<string, string>> {
  const lists = new Map<string, string>()
  for (const { slug, registry } of apps) {
    for (const { list_uri: uri } of await readListUris(db.forTenant(slug), slug)) lists.set(uri, registry)
  }
  return lists
}
