import { verifyX5c } from '@samen/certificates'
import { MARK_APP_VENDOR } from '@samen/consent'
import { createMembership, readTrustMark, TrustError } from '@samen/federation'
import { FetchError } from '@samen/http-kit'
import { x509HashClientId } from '@samen/openid4vp'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { endMembership, saveCertificate, saveMembership } from './membership.sql.ts'

/** An app that was expelled asks no wallet after this time. */
const MEMBER_AGAIN_MS = 300_000
const SOON_MS = 86_400_000

/**
 * Asks the anchor what each app was granted, as often as it is due: at every call until the app is a member with a certificate, then
 * every five minutes, and at every call again in the last day of a certificate. One app that fails does not keep the others waiting.
 */
export function createMembershipPull(deps: Deps): () => Promise<void> {
  const pulledAt = new Map<string, number>()
  return async () => {
    for (const app of await deps.apps.all()) {
      const now = deps.now()
      if (!isDue(app, now, pulledAt.get(app.slug) ?? 0)) continue
      if (await pullMembership(deps, app)) pulledAt.set(app.slug, now.getTime())
    }
  }
}

/**
 * Stores what the anchor grants now, or that it grants nothing any more. True when the app is a member with a certificate. While the
 * anchor cannot be reached nothing changes: the mark that is held is good to its end.
 */
export async function pullMembership(deps: Deps, app: AppTenant): Promise<boolean> {
  const fetchText = (url: string) => deps.fetcher.getText(url, { accept: '*/*' })
  const membership = createMembership({ anchor: deps.anchor, entityId: app.entityId, fetchText, now: deps.now })
  try {
    const { trustMarks, certificates } = await membership.load()
    const memberUntil = endOfMark(deps, app, trustMarks)
    if (memberUntil === undefined) return await letGo(deps, app)
    const db = deps.db.forTenant(app.slug)
    const x5c = certificates.get(app.keys.signing.kid)
    if (x5c !== undefined) {
      const { expiresAt } = verifyX5c(x5c, { anchors: deps.anchors, now: deps.now() })
      await saveCertificate(db, { tenant: app.slug, clientId: x509HashClientId(x5c), x5c, expiresAt })
    }
    await saveMembership(db, { tenant: app.slug, trustMarks, memberUntil, at: deps.now() })
    deps.apps.forget(app.slug)
    return x5c !== undefined
  } catch (error) {
    if (!(error instanceof TrustError)) throw error
    if (isUnknownThere(error)) return letGo(deps, app)
    deps.log.debug({ task: 'membership', code: error.code }, 'the anchor did not answer')
    return false
  }
}

/** When the mark of an app ends that is among these, verified already; undefined when there is none. */
function endOfMark(deps: Deps, { entityId }: AppTenant, trustMarks: readonly string[]): Date | undefined {
  const { entityId: issuer, jwks } = deps.anchor
  const policy = { issuer, jwks, subject: entityId, type: MARK_APP_VENDOR, now: deps.now() }
  for (const mark of trustMarks) {
    try {
      return readTrustMark(mark, policy).expiresAt
    } catch (error) {
      if (!(error instanceof TrustError)) throw error
    }
  }
  return undefined
}

/** The anchor itself says that it has no such member, or no such mark for it. An answer of any other kind is no word about the app. */
function isUnknownThere({ cause }: TrustError): boolean {
  return cause instanceof FetchError && cause.status === 404
}

async function letGo(deps: Deps, app: AppTenant): Promise<false> {
  const wasMember = await endMembership(deps.db.forTenant(app.slug), app.slug, deps.now())
  if (wasMember) deps.apps.forget(app.slug)
  return false
}

function isDue({ certificate, memberUntil }: AppTenant, now: Date, pulledAt: number): boolean {
  const isCertified = certificate !== undefined && certificate.expiresAt.getTime() - now.getTime() > SOON_MS
  const isMember = memberUntil !== undefined && memberUntil > now
  return !isCertified || !isMember || now.getTime() - pulledAt > MEMBER_AGAIN_MS
}
