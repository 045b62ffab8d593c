import { signNodeMessage, WITHDRAWAL_MESSAGE, withdrawalEvents } from '@samen/consent'
import type { Deps } from '../deps.ts'
import type { Delivery } from '../queues.ts'
import { readAppEndpoints } from './app-endpoints.ts'
import { deliver } from './deliver.ts'
import { markNotified, readOpenNotice } from './notice.sql.ts'

/**
 * Tells the app that a consent was withdrawn, as a Security Event Token (SETPUSH#section-2.1): handle and last day, not by whom.
 * The consent is dead already; this starts the deletion. Throws when the app may take it later: the job is retried.
 */
export async function sendNotice(deps: Deps, { handle, jti }: Delivery): Promise<void> {
  deps.head.assertIntact()
  const open = await readOpenNotice(deps.db, handle)
  if (open === undefined) return
  const { eventEndpoint } = await readAppEndpoints(deps, open.app)
  const body = signNodeMessage(deps.keys.federation, {
    typ: WITHDRAWAL_MESSAGE.typ,
    iss: deps.publicUrl,
    aud: open.app,
    now: deps.now(),
    expiresAt: 'not-used',
    jti,
    body: { events: withdrawalEvents({ handle, delete_by: open.delete_by }) },
  })
  const posted = { url: eventEndpoint, contentType: 'application/secevent+jwt', body }
  if (await deliver(deps, 'notice', posted)) await markNotified(deps.db, handle, deps.now())
}
