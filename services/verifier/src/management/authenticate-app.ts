import { notFound } from '@samen/errors'
import { unauthorized } from '@samen/node-kit'
import { type ApiKeyHolder, authenticate } from '@samen/pg-kit'
import { hashSecret } from '@samen/sealing'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'

/** A key that was revoked works at most this much longer. It saves a statement on every call of a busy app. */
const BELIEVED_MS = 5_000
const MOST_BELIEVED = 1_000

export type AppKeyCheck = (token: string) => Promise<ApiKeyHolder | undefined>

/** Whose key it is, from memory for a few seconds. Only keys that were good are remembered, under their hash. */
export function createAppKeyCheck({ db, now }: Pick<Deps, 'db' | 'now'>): AppKeyCheck {
  const believed = new Map<string, { holder: ApiKeyHolder; until: number }>()
  return async (token) => {
    const name = hashSecret(token).toString('base64url')
    const known = believed.get(name)
    if (known !== undefined && known.until > now().getTime()) return known.holder
    believed.delete(name)
    const holder = await authenticate(db, token)
    if (holder === undefined) return undefined
    if (believed.size >= MOST_BELIEVED) believed.delete(believed.keys().next().value ?? '')
    believed.set(name, { holder, until: now().getTime() + BELIEVED_MS })
    return holder
  }
}

/**
 * The app whose key was sent. The tenant comes from the key; the path must name that same app, and another one is answered like
 * one that does not exist. Throws Problem 401 `unauthorized`, 404 `not-found`.
 */
export async function authenticateApp(deps: Deps, token: string | undefined, slug: string): Promise<AppTenant> {
  const holder = token === undefined ? undefined : await deps.appKeyHolder(token)
  if (holder === undefined || !holder.scopes.includes('app'))
    throw unauthorized('The key of the app is missing or wrong', 'Send it as Authorization: Bearer')
  const app = holder.tenant === slug ? await deps.apps.find(slug) : undefined
  if (app === undefined) throw notFound()
  return app
}
