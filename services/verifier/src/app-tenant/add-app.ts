import { Problem } from '@samen/errors'
import { isEntityId } from '@samen/federation'
import { FetchError, readUrl } from '@samen/http-kit'
import { audit, type IdempotentReply, issueApiKey, withIdempotency } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { generateAppKeys, sealAppKeys } from './app-keys.ts'
import { insertApp, insertSlug } from './app-tenant.sql.ts'

export interface NewApp {
  readonly slug: string
  readonly name: string
  /** entity id of its consent registry */
  readonly registry: string
  readonly return_urls?: readonly string[]
}

/**
 * Adds an app with keys of its own and its one API key, which is in the answer and nowhere else. Membership of the federation comes
 * later, from the anchor. Throws Problem 409 `already-exists`, 400 `invalid-request` for a registry or return URL that is no
 * absolute URL of the right kind, or a registry inside a network.
 */
export async function addApp(
  deps: Deps,
  app: NewApp,
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  assertUrls(deps, app)
  const keys = generateAppKeys(deps.random)
  const request = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  const reply = await withIdempotency(deps.db.forTenant(app.slug), request, async (tx) => {
    if (!(await insertSlug(tx, app.slug))) throw new Problem(409, 'already-exists', 'An app with this name exists')
    const at = deps.now()
    const sealedKeys = sealAppKeys(deps.keyring, app.slug, keys)
    await insertApp(tx, { ...app, returnUrls: app.return_urls ?? [], sealedKeys, at })
    const { apiKey } = await issueApiKey(tx, { tenant: app.slug, scopes: ['app'] })
    await audit(tx, { tenant: app.slug, at, actor: 'operator', action: 'app.added', object: app.slug, outcome: 'ok' })
    return { status: 201, body: { entity_id: `${deps.publicUrl}/apps/${app.slug}`, api_key: apiKey } }
  })
  deps.apps.forget(app.slug)
  return reply
}

function assertUrls(deps: Deps, app: NewApp): void {
  if (!isRegistry(deps, app.registry))
    throw new Problem(400, 'invalid-request', 'The registry is not an entity id at a public address')
  const good = (app.return_urls ?? []).every((url) => isReturnUrl(url, deps.mode))
  if (!good) throw new Problem(400, 'invalid-request', 'A return URL is not an absolute https URL without a fragment')
}

/**
 * An app whose registry could never be asked is refused at once: an address inside a network, too. Nobody asks it before the anchor
 * vouches for it, and where a name leads, each request looks itself.
 */
function isRegistry({ urlPolicy }: Deps, text: string): boolean {
  if (!isEntityId(text)) return false
  try {
    readUrl(urlPolicy, text)
    return true
  } catch (error) {
    if (error instanceof FetchError) return false
    throw error
  }
}

/** RFC6749#section-3.1.2: absolute and without a fragment. A code is added to its query. */
function isReturnUrl(text: string, mode: Deps['mode']): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, hash, username, password } = new URL(text)
  const isLoopback = mode === 'development' && (hostname === '127.0.0.1' || hostname === 'localhost')
  return (protocol === 'https:' || (protocol === 'http:' && isLoopback)) && `${hash}${username}${password}` === ''
}
