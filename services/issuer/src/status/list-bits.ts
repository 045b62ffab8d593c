import { type PackedStatuses, type StatusBits, setStatus, statusAt } from '@samen/status-list'

/** The places that are revoked, in order. */
export function revokedPlacesIn(list: PackedStatuses): readonly number[] {
  return Array.from({ length: list.size }, (_, idx) => idx).filter((idx) => statusAt(list, idx) !== 0)
}

/** Revokes places. There is no way back: a bit that is set stays. */
export function revokeAt(bits: StatusBits, places: Iterable<number>): void {
  for (const idx of places) setStatus(bits, idx, 1)
}

/** Revokes every place but these. */
export function revokeAllBut(bits: StatusBits, places: Iterable<number>): void {
  const spared = new Set(places)
  for (let idx = 0; idx < bits.size; idx++) if (!spared.has(idx)) setStatus(bits, idx, 1)
}
