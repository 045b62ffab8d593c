import { FACTS, type Purpose, purposeUri } from '@samen/consent'
import type { JsonObject } from '@samen/strict-json'
import { type ConsentState, stateAt } from '../decision/consent-policy.ts'
import type { Deps } from '../deps.ts'
import { openEvent } from '../log/append-event.ts'
import { sequenceLog } from '../log/sequence-log.ts'
import { openBox, type Ward } from './box.ts'
import { type ConsentRow, readConsents, readPlacedEvents } from './record.sql.ts'

/** Everything this registry knows about one child, with what is needed to check it against the log without trusting us. */
export type FamilyRecord = {
  log: { url: string; verifier_key: string; checkpoint: string }
  consents: RecordedConsent[]
  events: { event: JsonObject; salt: string; index: number; at: string }[]
}

export type RecordedConsent = {
  handle: string
  page_url: string
  purpose: Pick<Purpose, 'id' | 'version' | 'title' | 'why' | 'legal_basis' | 'retention'> & {
    uri: string
    hash: string
    claims: { fact: string; label: { nl: string; en: string }; why: { nl: string; en: string } }[]
  }
  app: { entity_id: string; name: string }
  school: { entity_id: string; name: string }
  state: ConsentState
  requested_at: string
  expires_at: string
  until: string
  given_at: string | null
  decisions: { decision: string; at: string }[]
  withdrawal: { at: string; delete_by: string | null; app_notified_at: string | null } | null
  deletion_receipt: { received_at: string; message: string } | null
  deletion_overdue_since: string | null
}

/**
 * The record of one child: every request that was ever decided on, given, refused or withdrawn, and its log entries. Entries of
 * other children are never in it: handles come from this child's box alone. The checkpoint covers every entry shown.
 */
export async function readRecord(deps: Deps, child: Ward): Promise<FamilyRecord> {
  const handles = await openBox(deps, child)
  await sequenceLog(deps)
  const [consents, events] = await Promise.all([readConsents(deps.db, handles), readPlacedEvents(deps.db, handles)])
  const { checkpoint } = await sequenceLog(deps)
  return {
    log: { url: `${deps.publicUrl}/log`, verifier_key: deps.keys.log.verifierKey, checkpoint },
    consents: consents.map((row) => recorded(deps, row)),
    events: events.map(({ id, sealed_event, idx, at }) => ({
      ...openEvent(deps, id, sealed_event),
      index: idx,
      at: at.toISOString(),
    })),
  }
}

function recorded(deps: Pick<Deps, 'publicUrl' | 'now'>, row: ConsentRow): RecordedConsent {
  const { id, version, title, why, legal_basis, retention, claims } = row.purpose
  const facts = claims.map((claim) => ({ fact: claim.fact, label: FACTS[claim.fact].label, why: claim.why }))
  const uri = purposeUri(deps.publicUrl, id, version)
  return {
    handle: row.handle,
    page_url: `${deps.publicUrl}/requests/${row.handle}`,
    purpose: { id, version, title, why, legal_basis, retention, uri, hash: row.purpose_hash, claims: facts },
    app: { entity_id: row.app, name: row.app_name },
    school: { entity_id: row.school, name: row.school_name },
    state: stateAt({ recorded: row.recorded, expiresAt: row.expires_at, until: row.until }, deps.now()),
    requested_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    until: row.until,
    given_at: instant(row.given_at),
    decisions: row.decisions,
    withdrawal: withdrawalOf(row),
    deletion_receipt: deletionOf(row),
    deletion_overdue_since: row.deletion_confirmed_at === null ? instant(row.deletion_overdue_at) : null,
  }
}

function withdrawalOf({ withdrawn_at, delete_by, notified_at }: ConsentRow): RecordedConsent['withdrawal'] {
  if (withdrawn_at === null) return null
  return { at: withdrawn_at.toISOString(), delete_by, app_notified_at: instant(notified_at) }
}

function deletionOf({ deletion_confirmed_at, deletion_message }: ConsentRow): RecordedConsent['deletion_receipt'] {
  if (deletion_confirmed_at === null || deletion_message === null) return null
  return { received_at: deletion_confirmed_at.toISOString(), message: deletion_message }
}

function instant(at: Date | null): string | null {
  return at?.toISOString() ?? null
}
