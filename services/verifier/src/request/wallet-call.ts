import { assertMediaType } from '@samen/http-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { noSuchRequest } from './open-requests.ts'

/** The app in a wallet's URL. Unknown apps answer like unknown requests. Throws ProtocolError 404. */
export async function tenantOf(deps: Deps, slug: string): Promise<AppTenant> {
  const tenant = await deps.apps.find(slug)
  if (tenant === undefined) throw noSuchRequest()
  return tenant
}

/** A wallet's endpoints take forms: JSON that happens to have the right members is not read. */
export function assertForm(header: string | undefined, body: unknown): void {
  if (body === undefined || body === null) return
  assertMediaType({ 'content-type': header }, 'application/x-www-form-urlencoded')
}
