import { type DecisionEvidence, FACTS, type Purpose, purposeUri } from '@samen/consent'
import { type ConsentState, stateAt } from '../decision/consent-policy.ts'
import { openEvidence } from '../decision/evidence.ts'
import type { Deps } from '../deps.ts'
import type { ConsentRow } from './record.sql.ts'

export type RecordedConsent = {
  handle: string
  page_url: string
  purpose: Pick<Purpose, 'id' | 'version' | 'title' | 'why' | 'legal_basis' | 'retention'> & {
    uri: string
    hash: string
    /** the text as the app registered it, of which `hash` is the hash */
    document: Purpose
    claims: { fact: string; label: { nl: string; en: string }; why: { nl: string; en: string } }[]
  }
  app: { entity_id: string; name: string }
  school: { entity_id: string; name: string }
  state: ConsentState
  requested_at: string
  expires_at: string
  until: string
  given_at: string | null
  /**
   * With what each guardian signed: without it a family has only our word for a yes. Whoever has authority over the child may read it,
   * also what the other one signed. That tells, beside word and moment, what made the word count: which kind of authority the school
   * stated, how and in which month it was checked. It names nobody: all other facts are salted hashes whose salts are gone, the key was made
   * for this one copy, and the status index, which leads to this copy alone, says no more than whether the school took it back.
   */
  decisions: { decision: string; at: string; evidence: DecisionEvidence }[]
  withdrawal: { at: string; delete_by: string | null; app_notified_at: string | null } | null
  /** by when the app must have deleted, after a withdrawal or after the last day */
  delete_by: string | null
  deletion_receipt: { received_at: string; message: string } | null
  deletion_overdue_since: string | null
}

/** A request as the family reads it. */
export function describeConsent(deps: Pick<Deps, 'publicUrl' | 'now' | 'keyring'>, row: ConsentRow): RecordedConsent {
  return {
    handle: row.handle,
    page_url: `${deps.publicUrl}/requests/${row.handle}`,
    purpose: describePurpose(deps, row),
    app: { entity_id: row.app, name: row.app_name },
    school: { entity_id: row.school, name: row.school_name },
    state: loggedState(row, deps.now()),
    requested_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    until: row.until,
    given_at: instant(row.given_at),
    decisions: row.decisions.map(({ decision, at, sealed_evidence }) => ({
      decision,
      at,
      evidence: openEvidence(deps, row.handle, Buffer.from(sealed_evidence, 'hex')),
    })),
    withdrawal: withdrawalOf(row),
    delete_by: row.delete_by,
    deletion_receipt: deletionOf(row),
    deletion_overdue_since: row.deletion_confirmed_at === null ? instant(row.deletion_overdue_at) : null,
  }
}

/** A question counts as closed from the moment at which the log says so, seconds after its time: the record is checked by the log. */
function loggedState({ recorded, expires_at: expiresAt, until }: ConsentRow, now: Date): ConsentState {
  return recorded === 'requested' ? recorded : stateAt({ recorded, expiresAt, until }, now)
}

function describePurpose(
  { publicUrl }: Pick<Deps, 'publicUrl'>,
  { purpose: document, purpose_hash: hash }: ConsentRow,
): RecordedConsent['purpose'] {
  const { id, version, title, why, legal_basis, retention } = document
  const claims = document.claims.map((claim) => ({ fact: claim.fact, label: FACTS[claim.fact].label, why: claim.why }))
  return {
    id,
    version,
    title,
    why,
    legal_basis,
    retention,
    uri: purposeUri(publicUrl, id, version),
    hash,
    claims,
    document,
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
