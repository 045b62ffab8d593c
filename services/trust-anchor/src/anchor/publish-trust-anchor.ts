import { existsSync, readFileSync } from 'node:fs'
import { formatTrustAnchor, parseTrustAnchor, type TrustAnchor } from '@samen/federation'
import { replaceKeptFile } from '@samen/sealing'

/** The file that the other nodes pin, as it was written at an earlier start; undefined before the first. */
export function readPublished(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/**
 * Writes the file that the other nodes pin: the anchor's id, its public federation keys, its certificate. Never half a file, and never
 * over that of another anchor, which every member would go on believing. Throws Error with what to do.
 */
export async function publishTrustAnchor(
  file: string,
  anchor: TrustAnchor,
  published: string | undefined,
): Promise<void> {
  const text = formatTrustAnchor(anchor)
  if (published !== undefined && normalForm(published) !== normalForm(text)) throw anotherAnchor()
  await replaceKeptFile(file, text, 'everybody')
}

/** The reason not to start, and what the operator can do. */
export function anotherAnchor(): Error {
  return new Error(
    'the trust anchor cannot start: public/trust-anchor.json in DATA_DIR is that of another anchor than PUBLIC_URL and DATABASE_URL name; ' +
      'set these back or restore its database from a backup, or begin a new federation, in which every member is enrolled anew, with an empty DATA_DIR',
  )
}

/** What counts of it; undefined when it says nothing. */
function normalForm(text: string): string | undefined {
  try {
    return formatTrustAnchor(parseTrustAnchor(text))
  } catch {
    return undefined
  }
}
