import { type JsonObject, type JsonValue, parseJson } from '@samen/strict-json'

const MAX_BYTES = 8_192

/**
 * The pseudonym for this app that an answer says it shows, read before anything is verified. It only chooses which rows to look at:
 * nothing is decided on it, and the verified presentation must show the same. Undefined when no disclosure names this app.
 */
export function claimedPseudonym(vpToken: JsonObject, entityId: string): string | undefined {
  for (const text of Object.values(vpToken).flat()) {
    if (typeof text !== 'string') continue
    for (const disclosure of text.split('~', 300).slice(1, -1)) {
      const [, name, value] = readParts(disclosure)
      if (name === entityId && typeof value === 'string' && value.length <= 256) return value
    }
  }
  return undefined
}

function readParts(disclosure: string): JsonValue[] {
  try {
    const parts = parseJson(Buffer.from(disclosure, 'base64url').toString('utf8'), { maxBytes: MAX_BYTES })
    return Array.isArray(parts) ? parts : []
  } catch {
    // The verification refuses it, with its reason.
    return []
  }
}
