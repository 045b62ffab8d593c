import { notFound } from '@samen/errors'
import { hashSecret } from '@samen/sealing'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { isConsentLive } from '../consent/check-consent.ts'
import type { Deps } from '../deps.ts'
import { markConsentRequired, type ResultRow, takeResult } from './result.sql.ts'
import { openResult, type PresentationResult } from './seal-result.ts'

export type PresentationState = 'requested' | 'consent_required' | 'verified' | 'refused' | 'expired'

/**
 * What became of a presentation. The claims are in the first answer that says `verified` and in no other; no later than five minutes, and
 * only under a consent that is live at that moment: the statement that takes them has deleted them before that is looked at. After the
 * five minutes it reads `expired`, read or not. `code` is what the browser brought to the app's return URL. Every refusal reads alike,
 * whoever refused and why. Throws Problem 404 `not-found`.
 */
export async function readResult(
  deps: Deps,
  app: AppTenant,
  { id, code }: { id: string; code: string | undefined },
): Promise<{ state: PresentationState } & Partial<PresentationResult>> {
  const db = deps.db.forTenant(app.slug)
  const row = await takeResult(db, {
    tenant: app.slug,
    id,
    codeHash: code === undefined ? null : hashSecret(code),
    now: deps.now(),
  })
  if (row === undefined) throw notFound()
  const state = stateOf(row, deps.now())
  if (state !== 'verified' || row.sealed === null) return { state }
  if (!(await isUnderLiveConsent(deps, app.registry, row))) {
    await markConsentRequired(db, app.slug, id)
    return { state: 'consent_required' }
  }
  return { state, ...openResult(deps.keyring, app.slug, id, row.sealed) }
}

async function isUnderLiveConsent(deps: Deps, registry: string, { list_uri, ...place }: ResultRow): Promise<boolean> {
  return list_uri !== null && (await isConsentLive(deps, registry, { ...place, list_uri }))
}

function stateOf(row: ResultRow, now: Date): PresentationState {
  if (row.state === 'refused') return 'refused'
  if (row.state === 'requested' || row.state === 'answering' || !row.is_released) {
    return row.expires_at <= now ? 'expired' : 'requested'
  }
  // A first `verified` without claims would be taken for a pupil who showed nothing.
  if (row.state === 'verified' && row.sealed === null && row.expires_at <= now) return 'expired'
  return row.state
}
