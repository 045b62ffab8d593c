import type { FactName } from '@samen/consent'
import { notFound } from '@samen/errors'
import { hashSecret, pairingNumber } from '@samen/sealing'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { walletLink } from '../request/create-presentation.ts'
import { openSecrets } from '../request/request-secrets.ts'
import { FETCH_MS } from '../request/serve-request.ts'
import { RESULT_LIFETIME_MS } from '../result/seal-result.ts'
import { openPage, type PageRow, readAnswered, releaseByCode } from './browser.sql.ts'
import { newResultCode, pairingName, returnUrl, sessionHash } from './pair-devices.ts'

/** What the page of a presentation has to say. Never whether it was verified or refused: that is for the app. */
export type PageView =
  | { readonly kind: 'link'; readonly app: AppTenant; readonly link: string }
  /** 'late': no wallet gets the request any more, one that got it may still answer */
  | { readonly kind: 'number' | 'late' | 'elsewhere' | 'expired' | 'done'; readonly app: AppTenant }

/** What comes of a browser's return from a wallet. */
export type Returned =
  /** the browser that began: where it goes now */
  | { readonly at: 'session'; readonly url: string }
  /** the device with the wallet: what was shown to whom, and the number that makes it count; no number when nothing was shown */
  | {
      readonly at: 'other device'
      readonly app: string
      readonly facts: readonly FactName[]
      readonly number: string | undefined
    }
  /** another browser, another code, or not the first time: nothing is released, and why is not said */
  | { readonly at: 'nowhere' }

/** The app whose presentation this is: its name stands before the dot. Throws Problem 404 `not-found`. */
export async function appOfPresentation(deps: Deps, id: string): Promise<AppTenant> {
  const app = await deps.apps.find(id.split('.', 1)[0] ?? '')
  if (app === undefined) throw notFound()
  return app
}

/**
 * Opens the page. `session` is the browser's cookie, or a fresh secret that the caller then sets as one. The link and the code are for
 * the one browser that opened it first. Throws Problem 404 `not-found`.
 */
export async function viewPage(deps: Deps, id: string, session: string): Promise<PageView> {
  const app = await appOfPresentation(deps, id)
  const now = deps.now()
  const page = { tenant: app.slug, id, sessionHash: sessionHash(id, session), now }
  const row = await openPage(deps.db.forTenant(app.slug), page)
  if (row === undefined) throw notFound()
  if (row.state !== 'requested' || row.sealed_secrets === null) return { kind: afterAnswer(row), app }
  if (row.expires_at <= now) return { kind: 'expired', app }
  if (!row.is_session) return { kind: 'elsewhere', app }
  if (now.getTime() - row.created_at.getTime() > FETCH_MS) return { kind: 'late', app }
  const { requestId } = openSecrets(deps.keyring, app.slug, id, row.sealed_secrets)
  return { kind: 'link', app, link: walletLink(app, row.client_id, requestId) }
}

function afterAnswer(row: PageRow): 'number' | 'done' {
  const waits = row.is_session && !row.is_released && row.state !== 'refused'
  return waits ? 'number' : 'done'
}

/**
 * The browser comes back from the wallet. In the session that began, with the code that the wallet was given, the result is released.
 * A browser elsewhere gets a number to type there. Throws Problem 404 `not-found`.
 */
export async function returnFromWallet(
  deps: Deps,
  id: string,
  back: { session: string | undefined; code: string },
): Promise<Returned> {
  const app = await appOfPresentation(deps, id)
  const db = deps.db.forTenant(app.slug)
  const now = deps.now()
  const since = new Date(now.getTime() - RESULT_LIFETIME_MS)
  const codeHash = hashSecret(back.code)
  if (back.session !== undefined) {
    const result = newResultCode(deps)
    const ours = { tenant: app.slug, id, sessionHash: sessionHash(id, back.session), codeHash }
    const released = await releaseByCode(db, { ...ours, resultCodeHash: result.hash, now, since })
    if (released !== undefined) return { at: 'session', url: returnUrl(released.return_url, id, result.code) }
  }
  const answered = await readAnswered(db, { tenant: app.slug, id, codeHash, since })
  if (answered === undefined) return { at: 'nowhere' }
  const number = answered.state === 'refused' ? undefined : pairingNumber(deps.keyring, pairingName(app, id))
  return { at: 'other device', app: app.name, facts: answered.facts, number }
}
