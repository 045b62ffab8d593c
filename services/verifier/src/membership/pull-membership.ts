import { verifyX5c } from '@samen/certificates'
import { createMembership, TrustError } from '@samen/federation'
import { x509HashClientId } from '@samen/openid4vp'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { saveCertificate, saveTrustMarks } from './membership.sql.ts'

const MEMBER_AGAIN_MS = 3_600_000
const SOON_MS = 86_400_000

/**
 * Asks the anchor what each app was granted, as often as it is due: at every call until the app is a member with a certificate, then
 * hourly, and at every call again in the last day of a certificate. One app that fails does not keep the others waiting.
 */
export function createMembershipPull(deps: Deps): () => Promise<void> {
  const pulledAt = new Map<string, number>()
  return async () => {
    for (const app of await deps.apps.all()) {
      const now = deps.now().getTime()
      if (!isDue(app, now, pulledAt.get(app.slug) ?? 0)) continue
      if (await pullMembership(deps, app)) pulledAt.set(app.slug, now)
    }
  }
}

/** Stores what the anchor grants now. False while it grants nothing or cannot be reached; the next call tries again. */
export async function pullMembership(deps: Deps, app: AppTenant): Promise<boolean> {
  const fetchText = (url: string) => deps.fetcher.getText(url, { accept: '*/*' })
  const membership = createMembership({ anchor: deps.anchor, entityId: app.entityId, fetchText, now: deps.now })
  try {
    const { trustMarks, certificates } = await membership.load()
    const db = deps.db.forTenant(app.slug)
    const x5c = certificates.get(app.keys.signing.kid)
    if (x5c !== undefined) {
      const { expiresAt } = verifyX5c(x5c, { anchors: deps.anchors, now: deps.now() })
      await saveCertificate(db, { tenant: app.slug, clientId: x509HashClientId(x5c), x5c, expiresAt })
    }
    await saveTrustMarks(db, { tenant: app.slug, trustMarks, at: deps.now() })
    deps.apps.forget(app.slug)
    return x5c !== undefined
  } catch (error) {
    if (!(error instanceof TrustError)) throw error
    deps.log.debug({ task: 'membership', code: error.code }, 'not a member yet, or the anchor did not answer')
    return false
  }
}

function isDue({ certificate }: AppTenant, now: number, pulledAt: number): boolean {
  const isSafe = certificate !== undefined && certificate.expiresAt.getTime() - now > SOON_MS
  return !isSafe || now - pulledAt > MEMBER_AGAIN_MS
}
