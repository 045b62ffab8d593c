import { type Agreement, type PublishedPurpose, readAgreement } from '@samen/consent'
import { Problem } from '@samen/errors'
import { audit, type IdempotentReply, type Tx, withIdempotency } from '@samen/pg-kit'
import type { Static } from 'typebox'
import type { Deps } from '../deps.ts'
import { DELIVER_AGREEMENT } from '../queues.ts'
import type { Caller } from '../school/authenticate-school.ts'
import { type AgreementRow, insertAgreement, readAgreementAbout, readAgreementRow } from './agreement.sql.ts'
import type { AgreementOrder, AgreementState } from './agreement-messages.ts'
import { deliverAgreement } from './deliver-agreement.ts'
import { readPurposeOf } from './read-purpose.ts'

/** What the school's office decides about a purpose. */
export type Approval = Static<typeof AgreementOrder>

/** As the API shows it. `state` is `signed` until the registry has confirmed. */
export type AgreementView = Static<typeof AgreementState>

/**
 * The school approves one version of a purpose: the text is fetched and pinned by its hash, the agreement and its delivery are
 * committed together, and it is delivered at once when the registry answers. From the commit on the app is an audience of the
 * school's pseudonyms. Approving the same again gives the same agreement (200); other terms are refused.
 * Throws Problem 400, 409 `already-agreed`, 422 and 503 (see `readPurposeOf`).
 */
export async function approvePurpose(
  deps: Deps,
  { school, keyId }: Caller,
  approval: Approval,
  request: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const published = await readPurposeOf(deps, approval.purpose_uri)
  const agreement = assertTerms(deps, approval, published)
  const tenant = school.slug
  const idempotent = { ...request, tenant, sealing: deps.keyring, now: deps.now() }
  const reply = await withIdempotency(deps.db.forTenant(tenant), idempotent, (tx) =>
    recordAgreement(deps, tx, { tenant, keyId, registry: published.registry, agreement }),
  )
  return { status: reply.status, body: await deliverNow(deps, tenant, reply.body as AgreementView) }
}

function assertTerms(deps: Deps, approval: Approval, { app, purpose, purpose_hash }: PublishedPurpose): Agreement {
  const { guardians, processor_agreement, valid_until } = approval
  const terms = { purpose_id: purpose.id, purpose_version: purpose.version, purpose_hash, app }
  const agreement = readTerms({ ...terms, guardians, processor_agreement, valid_until })
  const today = deps.now().toISOString().slice(0, 10)
  if (valid_until < today || valid_until > purpose.valid_until)
    throw new Problem(422, 'agreement-out-of-time', 'The agreement must end from today on and not after its purpose')
  return agreement
}

function readTerms(terms: Agreement): Agreement {
  try {
    return readAgreement(terms)
  } catch (cause) {
    throw new Problem(400, 'invalid-request', 'The terms of the agreement do not have the required form', { cause })
  }
}

async function recordAgreement(
  deps: Deps,
  tx: Tx,
  { tenant, keyId, registry, agreement }: { tenant: string; keyId: string; registry: string; agreement: Agreement },
): Promise<IdempotentReply> {
  const now = deps.now()
  const [id, jti] = [deps.random(16).toString('base64url'), deps.random(16).toString('base64url')]
  if (await insertAgreement(tx, tenant, { id, jti, registry, ...agreement }, now)) {
    await deps.jobs.send(
      tx,
      DELIVER_AGREEMENT.name,
      { tenant, id },
      { group: new URL(registry).origin, startAfterSeconds: 2 },
    )
    await audit(tx, { tenant, at: now, actor: keyId, action: 'agreement.signed', object: id, outcome: 'ok' })
    return { status: 201, body: view({ id, jti, registry, ...agreement, state: 'signed' }) }
  }
  const { purpose_id: purposeId, purpose_version: purposeVersion } = agreement
  const known = await readAgreementAbout(tx, tenant, { registry, purposeId, purposeVersion })
  if (!isSame(known, agreement))
    throw new Problem(409, 'already-agreed', 'The school has agreed to this purpose on other terms')
  return { status: 200, body: view(known) }
}

function isSame(row: AgreementRow, agreement: Agreement): boolean {
  const [one, other] = [row.processor_agreement, agreement.processor_agreement]
  return (
    row.purpose_hash === agreement.purpose_hash &&
    row.guardians === agreement.guardians &&
    row.valid_until === agreement.valid_until &&
    one.model === other.model &&
    one.reference === other.reference &&
    one.signed_at === other.signed_at
  )
}

/** An agreement as the API shows it. */
export function view(row: AgreementRow): AgreementView {
  const { jti: _, processor_agreement: __, ...shown } = row
  return shown
}

/** Tries at once, so that the office sees the outcome; whatever goes wrong is left to the job. */
async function deliverNow(deps: Deps, tenant: string, made: AgreementView): Promise<AgreementView> {
  try {
    await deliverAgreement(deps, { tenant, id: made.id })
  } catch (err) {
    deps.log.info({ task: DELIVER_AGREEMENT.name, err }, 'an agreement is delivered later')
  }
  const row = await readAgreementRow(deps.db.forTenant(tenant), tenant, made.id)
  return row === undefined ? made : view(row)
}
