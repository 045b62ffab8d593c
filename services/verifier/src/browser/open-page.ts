import { hashSecret } from '@samen/sealing'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { notFound } from '../management/authenticate-app.ts'
import { walletLink } from '../request/create-presentation.ts'
import { openSecrets } from '../request/request-secrets.ts'
import { openPage, type PageRow, releaseResult } from './browser.sql.ts'

/** What the page of a presentation has to say. Never whether it was verified or refused: that is for the app. */
export type PageView =
  | { readonly kind: 'link'; readonly app: string; readonly link: string; readonly withQrCode: boolean }
  | { readonly kind: 'elsewhere' | 'expired' | 'done'; readonly app: string }

/** The app whose presentation this is: its name stands before the dot. Throws Problem 404 `not-found`. */
export async function appOfPresentation(deps: Deps, id: string): Promise<AppTenant> {
  const app = await deps.apps.find(id.split('.', 1)[0] ?? '')
  if (app === undefined) throw notFound()
  return app
}

/**
 * Opens the page. `session` is the browser's cookie, or a fresh secret that the caller then sets as one. On the same device there is a
 * link for the one browser that began; else a QR code and a link. Throws Problem 404 `not-found`.
 */
export async function viewPage(deps: Deps, id: string, session: string): Promise<PageView> {
  const app = await appOfPresentation(deps, id)
  const now = deps.now()
  const page = { tenant: app.slug, id, sessionHash: hashSecret(session), now }
  const row = await openPage(deps.db.forTenant(app.slug), page)
  if (row === undefined) throw notFound()
  if (row.state !== 'requested' || row.sealed_secrets === null) return { kind: 'done', app: app.name }
  if (row.expires_at <= now) return { kind: 'expired', app: app.name }
  if (row.device === 'same' && !row.is_session) return { kind: 'elsewhere', app: app.name }
  return viewLink(deps, app, id, { ...row, sealed_secrets: row.sealed_secrets })
}

function viewLink(deps: Deps, app: AppTenant, id: string, row: PageRow & { sealed_secrets: Buffer }): PageView {
  const { requestId } = openSecrets(deps.keyring, app.slug, id, row.sealed_secrets)
  const link = walletLink(app, row.client_id, requestId)
  return { kind: 'link', app: app.name, link, withQrCode: row.device === 'cross' }
}

/**
 * The browser comes back from the wallet. Returns the app's own URL to go on to, with the id of the presentation; undefined when this is
 * another browser, another code, or not the first time: then nothing is released, and why is not said.
 */
export async function returnToApp(
  deps: Deps,
  id: string,
  back: { session: string | undefined; code: string },
): Promise<string | undefined> {
  const app = await appOfPresentation(deps, id)
  if (back.session === undefined) return undefined
  const released = await releaseResult(deps.db.forTenant(app.slug), {
    tenant: app.slug,
    id,
    sessionHash: hashSecret(back.session),
    codeHash: hashSecret(back.code),
    now: deps.now(),
  })
  if (typeof released?.return_url !== 'string') return undefined
  const url = new URL(released.return_url)
  url.searchParams.set('presentation', id)
  return url.href
}
