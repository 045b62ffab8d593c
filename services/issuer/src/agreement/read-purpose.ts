import {
  MARK_APP_VENDOR,
  MARK_CONSENT_REGISTRY,
  type PublishedPurpose,
  readPublishedPurpose,
  splitPurposeUri,
} from '@samen/consent'
import { Problem } from '@samen/errors'
import { TrustError } from '@samen/federation'
import { FetchError } from '@samen/http-kit'
import { parseJson } from '@samen/strict-json'
import type { Deps } from '../deps.ts'

/**
 * Fetches a purpose from the registry that publishes it. The registry must be a member with its mark before anything is
 * fetched from it; what it sends must be about itself and this purpose, with a hash that is right; and the app that asks must
 * be a member with a vendor's mark. Throws Problem 400, 422 `registry-not-trusted`, `purpose-not-valid` or
 * `app-not-trusted`, 503 when somebody could not be reached.
 */
export async function readPurposeOf(deps: Deps, uri: string): Promise<PublishedPurpose> {
  const { registry, id, version } = asProblem(400, 'invalid-request', () => splitPurposeUri(uri))
  await assertMember(deps, registry, {
    trustMark: MARK_CONSENT_REGISTRY,
    entityType: 'samen_consent_registry',
    slug: 'registry-not-trusted',
  })
  const text = await fetchPurpose(deps, uri)
  const published = asProblem(422, 'purpose-not-valid', () =>
    readPublishedPurpose(parseJson(text, { maxBytes: 65_536 })),
  )
  const { purpose } = published
  const isAsked = published.registry === registry && purpose.id === id && purpose.version === version
  if (!isAsked || purpose.valid_until < deps.now().toISOString().slice(0, 10)) throw notValid()
  await assertMember(deps, published.app, {
    trustMark: MARK_APP_VENDOR,
    entityType: 'not-needed',
    slug: 'app-not-trusted',
  })
  return published
}

const notValid = (cause?: unknown): Problem =>
  new Problem(422, 'purpose-not-valid', 'The registry does not publish a valid purpose there', { cause })

function asProblem<T>(status: number, slug: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (status === 422) throw notValid(cause)
    throw new Problem(status, slug, 'This is not the address of a purpose', { cause })
  }
}

async function fetchPurpose(deps: Deps, uri: string): Promise<string> {
  try {
    return await deps.fetcher.getText(uri, { accept: 'application/json', maxBytes: 65_536 })
  } catch (cause) {
    if (cause instanceof FetchError && cause.status === 404) throw notValid(cause)
    throw unreachable(cause)
  }
}

async function assertMember(
  deps: Deps,
  entityId: string,
  policy: { trustMark: string; entityType: string; slug: string },
): Promise<void> {
  const { slug, ...asked } = policy
  try {
    await deps.resolver.resolve(entityId, asked)
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    if (cause.code === 'unreachable') throw unreachable(cause)
    throw new Problem(422, slug, 'This party is not a member of the federation in the role that is needed', { cause })
  }
}

const unreachable = (cause: unknown): Problem =>
  new Problem(503, 'temporarily-unavailable', 'Another node could not be reached', {
    cause,
    headers: { 'retry-after': '5' },
  })
