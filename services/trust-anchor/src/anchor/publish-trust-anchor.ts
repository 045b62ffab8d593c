import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { formatTrustAnchor, type TrustAnchor } from '@samen/federation'

/** Writes the file that the other nodes pin: the anchor's id, its public federation keys, its certificate. Never half a file. */
export function publishTrustAnchor(file: string, anchor: TrustAnchor): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, formatTrustAnchor(anchor), { mode: 0o644 })
  renameSync(draft, file)
}
