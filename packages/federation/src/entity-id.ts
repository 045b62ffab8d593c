import { TrustError } from './trust-error.ts'

const LONGEST_ENTITY_ID = 512
const LOOPBACK_HOSTS = new Set(['127.0.0.1', '[::1]', 'localhost'])

/**
 * FED#Terminology. Takes a text and throws TrustError `invalid_entity_id` unless it is an https URL without query, fragment or
 * user info, in exactly the form that URL parsing leaves unchanged, without a slash at its end. One spelling per entity: identifiers are
 * compared code point by code point (FED#StringOps), so a second spelling of a member would be a stranger that looks like it; and with and
 * without the slash both have one configuration (FED#ec-request).
 * Plain http is left to loopback hosts, where a development network runs; whether it may be fetched is the fetcher's decision.
 */
export function assertEntityId(text: string): void {
  const url = text.length <= LONGEST_ENTITY_ID && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !isOwnSpelling(text, url) || !hasAllowedScheme(url)) {
    throw new TrustError('invalid_entity_id', 'this is not an entity identifier in its canonical form')
  }
}

/** The same as `assertEntityId`, as a question. */
export function isEntityId(text: string): boolean {
  try {
    assertEntityId(text)
    return true
  } catch {
    return false
  }
}

/** FED#ec-request. The URL of an entity's own configuration: appended after the path; a trailing slash, which no member's id has, is dropped. */
export function entityConfigurationUrl(entityId: string): string {
  return `${entityId.replace(/\/$/, '')}/.well-known/openid-federation`
}

function isOwnSpelling(text: string, url: URL): boolean {
  const plain =
    url.search === '' && url.hash === '' && url.username === '' && url.password === '' && !/[?#@]/.test(text)
  return plain && !text.endsWith('/') && url.href === (url.pathname === '/' ? `${text}/` : text)
}

function hasAllowedScheme(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname))
}
