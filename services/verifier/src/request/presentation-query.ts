import { FACTS, type FactName } from '@samen/consent'
import type { CredentialQuery, DcqlQuery, PresentedCredential } from '@samen/openid4vp'
import type { JsonValue } from '@samen/strict-json'

/**
 * What the wallet is asked: the facts, and in every credential the child's pseudonym for this app, so that two children in one wallet
 * cannot be mixed. `authority` is the key identifier of the federation's CA: wallets need not show what would be refused.
 */
export function presentationQuery(facts: readonly FactName[], entityId: string, authority: string): DcqlQuery {
  const kinds = [...new Set(facts.map((fact) => FACTS[fact].credential))]
  return {
    credentials: kinds.map((kind): CredentialQuery => {
      const own = facts.map((fact) => FACTS[fact]).filter(({ credential }) => credential === kind)
      return {
        id: kind,
        format: 'dc+sd-jwt',
        meta: { vct_values: [...new Set(own.map(({ vct }) => vct))] },
        trusted_authorities: [{ type: 'aki', values: [authority] }],
        claims: [...own.map(({ path }) => ({ path: [...path] })), { path: ['pseudonyms', entityId] }],
      }
    }),
  }
}

/** The facts by the names under which the purpose registered them. Throws RangeError when one is not there. */
export function factValues(
  presented: Readonly<Record<string, PresentedCredential>>,
  facts: readonly FactName[],
): Record<string, JsonValue> {
  return Object.fromEntries(
    facts.map((fact) => {
      const { credential, path } = FACTS[fact]
      const value = valueAt(presented[credential]?.claims, path)
      if (value === undefined) throw new RangeError('a verified presentation lacks a fact that was asked for')
      return [fact, value]
    }),
  )
}

/** The pseudonym for this app that a presented credential shows. */
export function pseudonymIn({ claims }: PresentedCredential, entityId: string): JsonValue | undefined {
  return valueAt(claims, ['pseudonyms', entityId])
}

function valueAt(claims: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  let at = claims
  for (const step of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, step)) return undefined
    at = at[step]
  }
  return at
}
