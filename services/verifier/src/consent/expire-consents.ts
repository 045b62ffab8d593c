import { DELETION_DAYS } from '@samen/consent'
import { audit } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { addDuty } from '../deletion/add-duty.ts'
import type { Deps } from '../deps.ts'
import { queueEvent } from '../webhook/queue-event.ts'
import { deleteResults, markExpired, markReceiptEnded, readPastLastDay } from './consent.sql.ts'

const MOST_PER_RUN = 500
const DAY_MS = 86_400_000

/**
 * Ends the consents of an app whose last day is over, as a withdrawal would: the index over the child's pseudonym goes, the app gets the
 * duty to delete and a webhook with ids only. Nobody has to send anything for it.
 */
export async function expireConsents(deps: Deps, app: AppTenant): Promise<void> {
  const db = deps.db.forTenant(app.slug)
  const today = dayOf(deps.now())
  for (const { handle, until } of await readPastLastDay(db, { tenant: app.slug, today, limit: MOST_PER_RUN })) {
    await expireConsent(deps, app, handle, until)
  }
}

async function expireConsent(deps: Deps, app: AppTenant, handle: string, until: string): Promise<void> {
  const at = deps.now()
  const tenant = app.slug
  const deleteBy = dayOf(new Date(Date.parse(until) + DELETION_DAYS * DAY_MS))
  await deps.db.forTenant(tenant).transaction(async (tx) => {
    // In this order, as for a withdrawal: whoever is storing a result under this receipt holds its row.
    if (!(await markReceiptEnded(tx, { tenant, handle, at }))) return
    await markExpired(tx, { tenant, handle, at })
    await deleteResults(tx, tenant, handle)
    const duty = await addDuty(deps, tx, app, { handle, deleteBy })
    if (duty === undefined) return
    await queueEvent(deps, tx, app, { type: 'consent.expired', data: { id: duty, consent: handle } })
    await audit(tx, { tenant, at, actor: 'clock', action: 'consent.expired', object: handle, outcome: 'ok' })
  })
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}
