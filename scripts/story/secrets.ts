import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SERVICES } from '../network/settings.ts'
import type { Story } from './story.ts'

/** Members of replies to a wallet that nobody may find again: whoever has one could use it. */
const TOLD = ['pre-authorized_code', 'access_token', 'c_nonce']

/** A fetch that notes the codes and tokens that a wallet is told. */
export function notingFetch(send: typeof fetch, secrets: Set<string>): typeof fetch {
  return async (input, init) => {
    const reply = await send(input, init)
    if (/json/.test(reply.headers.get('content-type') ?? '')) noteIn(await reply.clone().json(), secrets)
    return reply
  }
}

function noteIn(value: unknown, secrets: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'string' && TOLD.includes(name)) secrets.add(member)
    else noteIn(member, secrets)
  }
}

/** What opens something, and what names a child to one party: codes, tokens, API keys, pseudonyms; none of it may lie anywhere. */
export function secretsOf({ settings, memory, family, secrets }: Story): string[] {
  const { tenants, webhook } = memory.remembered
  const operatorKeys = SERVICES.map((service) => join(settings.dataDirectory, service, 'operator-key'))
  const wallets = [family.first, family.second].flatMap((wallet) => wallet?.credentials ?? [])
  const pseudonyms = wallets.flatMap(({ claims }) =>
    ['pseudonyms', 'holder_pseudonyms'].flatMap((name) =>
      Object.values((claims[name] ?? {}) as Record<string, string>),
    ),
  )
  return [
    ...new Set([
      ...secrets,
      ...Object.values(tenants).map(({ apiKey }) => apiKey),
      ...(webhook ? [webhook.secret] : []),
      ...operatorKeys.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8').trim()),
      ...pseudonyms,
    ]),
  ]
}
