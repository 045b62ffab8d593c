import { hashSecret, isPairingNumber } from '@samen/sealing'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { RESULT_LIFETIME_MS } from '../result/seal-result.ts'
import { countPairingTry, releaseByNumber } from './browser.sql.ts'

/** With five tries for one of a million numbers, a stranger who showed our code to a family has still nothing. */
const MOST_TRIES = 5

/**
 * A number from the device with the wallet, typed where the request began: releases the result. `session` is the cookie of the browser
 * that opened our page, or 'page of the app' when the app shows the code itself; each only for requests of its own kind. Counted before
 * it is compared. Returns where the browser goes next, if anywhere; undefined when the number does not fit, nothing was answered yet, it
 * was released before, or after five tries: why is not said.
 */
export async function pairDevices(
  deps: Deps,
  app: AppTenant,
  typed: { id: string; session: string | 'page of the app'; number: string },
): Promise<{ url: string | undefined } | undefined> {
  const { id, session, number } = typed
  const db = deps.db.forTenant(app.slug)
  const now = deps.now()
  const isOwnPage = session === 'page of the app'
  const counted = await countPairingTry(db, {
    tenant: app.slug,
    id,
    sessionHash: isOwnPage ? null : sessionHash(id, session),
    mostTries: MOST_TRIES,
    since: new Date(now.getTime() - RESULT_LIFETIME_MS),
  })
  if (!counted || !isPairingNumber(deps.keyring, pairingName(app, id), number)) return undefined
  const result = newResultCode(deps)
  const resultCodeHash = isOwnPage ? null : result.hash
  const released = await releaseByNumber(db, { tenant: app.slug, id, resultCodeHash, now })
  if (released === undefined) return undefined
  const { return_url: url } = released
  return { url: url === null ? undefined : returnUrl(url, id, result.code) }
}

/** What a pairing number is made of. */
export function pairingName({ slug }: AppTenant, id: string): string {
  return `verifier/presentation/${slug}/${id}`
}

/** What is stored of a browser's cookie: another value for each request, since one browser must not join the apps that it uses. */
export function sessionHash(id: string, session: string): Buffer {
  return hashSecret(`${id} ${session}`)
}

/** What the browser carries to the app, and the app shows to read the result: only the session of the app that asked has it. */
export function newResultCode({ random }: Pick<Deps, 'random'>): { code: string; hash: Buffer } {
  const code = random(16).toString('base64url')
  return { code, hash: hashSecret(code) }
}

/** The app's registered URL, with what was presented and the code for it. */
export function returnUrl(registered: string, id: string, code: string): string {
  const url = new URL(registered)
  url.searchParams.set('presentation', id)
  url.searchParams.set('result_code', code)
  return url.href
}
