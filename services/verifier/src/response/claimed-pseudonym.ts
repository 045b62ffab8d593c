import type { ParsedVpToken } from '@samen/openid4vp'

/**
 * The pseudonym for this app that an answer says it shows, read before anything is verified. It only chooses which rows to look at:
 * nothing is decided on it, and the verified presentation must show the same. Undefined when no disclosure names this app.
 */
export function claimedPseudonym({ presentations }: ParsedVpToken, entityId: string): string | undefined {
  for (const { sdJwt } of presentations) {
    for (const { name, value } of sdJwt.disclosures.values()) {
      if (name === entityId && typeof value === 'string' && value.length <= 256) return value
    }
  }
  return undefined
}
