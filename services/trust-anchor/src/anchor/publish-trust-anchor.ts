import { formatTrustAnchor, type TrustAnchor } from '@samen/federation'
import { replaceKeptFile } from '@samen/sealing'

/** Writes the file that the other nodes pin: the anchor's id, its public federation keys, its certificate. Never half a file. */
export function publishTrustAnchor(file: string, anchor: TrustAnchor): Promise<void> {
  return replaceKeptFile(file, formatTrustAnchor(anchor), 'everybody')
}
