import { type Purpose, purposeUri, readPurpose } from '@samen/consent'
import { notFound, Problem, ProtocolError } from '@samen/errors'
import { audit, type IdempotentReply, type Tx, withIdempotency } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { queueMessage } from '../outgoing/queue-message.ts'
import { insertPurpose, readPurposeVersion } from './purpose.sql.ts'
import { assertNotExpired } from './purposes.ts'

export type NewPurpose = Omit<Purpose, 'id' | 'version'> & {
  /** the id of a purpose that this is the next version of; consents that were given stay with their own version */
  readonly replaces?: string
}

/**
 * Registers what the app asks for and why. The text never changes afterwards; it is signed and sent to the app's registry through the
 * outbox, written in the same transaction. Throws Problem 400 `invalid-request`, 403 `purpose-expired`, 404 `not-found`, 409 `conflict`.
 */
export async function registerPurpose(
  deps: Deps,
  app: AppTenant,
  wanted: NewPurpose,
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const request = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  const reply = await withIdempotency(deps.db.forTenant(app.slug), request, async (tx) => {
    const purpose = await versionOf(deps, tx, app, wanted)
    const at = deps.now()
    assertNotExpired(purpose, at)
    if ((await insertPurpose(tx, { tenant: app.slug, document: purpose, at })) === 0) {
      throw new Problem(409, 'conflict', 'Another version was registered at the same time')
    }
    await queueMessage(deps, tx, app, { kind: 'purpose', body: { purpose } })
    const object = `${purpose.id}/${purpose.version}`
    await audit(tx, { tenant: app.slug, at, actor: 'app', action: 'purpose.registered', object, outcome: 'ok' })
    const uri = purposeUri(app.registry, purpose.id, purpose.version)
    return { status: 201, body: { id: purpose.id, version: purpose.version, purpose_uri: uri } }
  })
  if (wanted.replaces !== undefined) deps.purposes.forget(app, wanted.replaces)
  return reply
}

async function versionOf(deps: Deps, tx: Tx, app: AppTenant, { replaces, ...text }: NewPurpose): Promise<Purpose> {
  if (replaces === undefined) {
    return readOwnPurpose({ ...text, id: deps.random(16).toString('base64url'), version: 1 })
  }
  const before = await readPurposeVersion(tx, { tenant: app.slug, id: replaces, version: undefined })
  if (before === undefined) throw notFound()
  return readOwnPurpose({ ...text, id: replaces, version: before.document.version + 1 })
}

/** The shared vocabulary decides what a purpose may say; here its refusal is a problem of the management API. */
function readOwnPurpose(value: unknown): Purpose {
  try {
    return readPurpose(value)
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause
    throw new Problem(400, 'invalid-request', 'The purpose does not have the required form', {
      detail: cause.description,
      cause,
    })
  }
}
