import {
  AGREEMENT_MESSAGE,
  type Agreement,
  MARK_CONSENT_REGISTRY,
  messageOutcome,
  ownEndpoint,
  signNodeMessage,
} from '@samen/consent'
import type { PostReply } from '@samen/http-kit'
import { audit } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { DELIVER_AGREEMENT } from '../queues.ts'
import { type AgreementRow, markAnswered, readAgreementRow } from './agreement.sql.ts'

/**
 * Signs an agreement for its registry and posts it. Each try is signed anew, since a message must be fresh, under the id it
 * was given when it was made, so that a registry that has it already says so and keeps one. One whose last day is over is not sent
 * any more. Throws when the registry gave no final answer; then it is tried again.
 */
export async function deliverAgreement(deps: Deps, job: { tenant: string; id: string }): Promise<void> {
  const { tenant, id } = job
  const row = await readAgreementRow(deps.db.forTenant(tenant), tenant, id)
  const today = deps.now().toISOString().slice(0, 10)
  if (row === undefined || row.state !== 'signed' || row.valid_until < today) return
  const reply = await post(deps, tenant, row)
  const state = messageOutcome(reply)
  if (state === 'again') throw new Error('the registry gave no final answer to an agreement')
  await deps.db.forTenant(tenant).transaction(async (tx) => {
    if (!(await markAnswered(tx, tenant, id, state))) return
    const event = { tenant, at: deps.now(), actor: DELIVER_AGREEMENT.name, object: id }
    await audit(tx, { ...event, action: 'agreement.answered', outcome: state })
  })
}

async function post(deps: Deps, tenant: string, row: AgreementRow): Promise<PostReply> {
  const school = await deps.schools.find(tenant)
  if (school === undefined) throw new Error('the school of an agreement is gone')
  const token = signNodeMessage(school.federationKey, {
    typ: AGREEMENT_MESSAGE.typ,
    iss: school.entityId,
    aud: row.registry,
    now: deps.now(),
    expiresAt: 'not-used',
    jti: row.jti,
    body: { agreement: agreementOf(row) },
  })
  return deps.fetcher.post(await findEndpoint(deps, row.registry), { contentType: 'application/jwt', body: token })
}

function agreementOf(row: AgreementRow): Agreement {
  const { purpose_id, purpose_version, purpose_hash, app, guardians, processor_agreement, valid_until } = row
  return { purpose_id, purpose_version, purpose_hash, app, guardians, processor_agreement, valid_until }
}

/** From the registry's own signed configuration. Throws TrustError when it names none of its own. */
async function findEndpoint(deps: Deps, registry: string): Promise<string> {
  const member = await deps.resolver.resolve(registry, {
    entityType: 'samen_consent_registry',
    trustMark: MARK_CONSENT_REGISTRY,
  })
  return ownEndpoint(registry, member.metadata['samen_consent_registry']?.['agreement_endpoint'])
}
