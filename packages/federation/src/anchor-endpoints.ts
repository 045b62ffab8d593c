// Where the anchor answers: it says so itself, in its own configuration, verified with the keys of the anchor file and no others.
import { entityConfigurationUrl } from './entity-id.ts'
import { readEntityConfiguration } from './entity-statement.ts'
import { fetchDocument } from './fetch-document.ts'
import type { TrustAnchor } from './trust-anchor-file.ts'
import { TrustError } from './trust-error.ts'

/** FED#federation_entity. The URL of each endpoint with the parameters of a request. */
export type AnchorEndpoints = {
  list(): string
  statement(parameters: { sub: string }): string
  trustMark(parameters: { trust_mark_type: string; sub: string }): string
}

type EndpointDeps = { anchor: TrustAnchor; fetchText: (url: string) => Promise<string>; now: () => Date }
type Held = {
  readonly endpoints: AnchorEndpoints
  readonly issuedAt: Date
  readonly renewAt: Date
  readonly expiresAt: Date
}

const RENEW_AFTER_MS = 600_000
const RETRY_AFTER_MS = 5_000

/**
 * Asks the anchor for its configuration, at most once in ten minutes, and keeps the last one that held until it expires. Rejects with
 * TrustError `unreachable` when there is none: whatever else stands in the anchor's place is no answer of the anchor.
 */
export function createAnchorEndpoints(deps: EndpointDeps): () => Promise<AnchorEndpoints> {
  let held: Held | undefined
  let underway: Promise<Held> | undefined
  const renew = async (): Promise<Held> => {
    const before = held
    try {
      const loaded = await load(deps)
      // An older configuration, replayed or from a slow copy, never replaces a newer one.
      return before === undefined || before.issuedAt <= loaded.issuedAt
        ? loaded
        : { ...before, renewAt: loaded.renewAt }
    } catch (cause) {
      if (before !== undefined && before.expiresAt > deps.now())
        return { ...before, renewAt: later(deps, RETRY_AFTER_MS) }
      throw new TrustError('unreachable', 'the trust anchor does not say where it answers', { cause })
    }
  }
  return async () => {
    if (held !== undefined && held.renewAt > deps.now()) return held.endpoints
    underway ??= renew().finally(() => {
      underway = undefined
    })
    held = await underway
    return held.endpoints
  }
}

async function load(deps: EndpointDeps): Promise<Held> {
  const { anchor, now } = deps
  const token = await fetchDocument(deps, entityConfigurationUrl(anchor.entityId))
  const { entityId, jwks } = anchor
  const { metadata, issuedAt, expiresAt } = readEntityConfiguration(token, {
    entityId,
    jwks,
    superior: 'none',
    now: now(),
  })
  const told = metadata['federation_entity'] ?? {}
  const at = (name: string, parameters: Record<string, string>) => {
    const endpoint = told[name]
    if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) {
      throw new TrustError('unreachable', 'the trust anchor names no such endpoint')
    }
    const url = new URL(endpoint)
    for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value)
    return url.href
  }
  const endpoints = {
    list: () => at('federation_list_endpoint', {}),
    statement: (parameters: { sub: string }) => at('federation_fetch_endpoint', parameters),
    trustMark: (parameters: { trust_mark_type: string; sub: string }) =>
      at('federation_trust_mark_endpoint', parameters),
  }
  return {
    endpoints,
    issuedAt,
    expiresAt,
    renewAt: new Date(Math.min(expiresAt.getTime(), later(deps, RENEW_AFTER_MS).getTime())),
  }
}

function later({ now }: EndpointDeps, milliseconds: number): Date {
  return new Date(now().getTime() + milliseconds)
}
