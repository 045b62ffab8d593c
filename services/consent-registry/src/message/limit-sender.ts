import {
  AGREEMENT_MESSAGE,
  CONSENT_REQUEST_MESSAGE,
  type MessageType,
  PURPOSE_MESSAGE,
  type VerifiedMessage,
} from '@samen/consent'
import { takeQuota } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'

/**
 * What one sender may send in an hour: each leaves rows that stay. Far above what the start of a school year asks, so that only a program
 * gone wild, or a member that means harm, meets them. What happens once per consent (a deletion receipt) needs no limit of its own.
 */
const HOURLY: Readonly<Record<string, number>> = {
  // An app has a handful of purposes, and a new version of one when a word of it changes.
  [PURPOSE_MESSAGE.typ]: 100,
  // A school approves some dozens of products, a large one a few hundred, and all of them again when the model agreement changes.
  [AGREEMENT_MESSAGE.typ]: 1_000,
  // The largest apps have half a million pupils: asked within two days, and any school of them within minutes.
  [CONSENT_REQUEST_MESSAGE.typ]: 30_000,
}
const HOUR_SECONDS = 3_600

/**
 * Counts one message of a sender that was verified, also one that is sent again or refused afterwards. Throws ProtocolError 429 with
 * `Retry-After` when this sender has sent too many of its type.
 */
export async function limitSender(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  { typ }: MessageType,
  { iss }: VerifiedMessage,
): Promise<void> {
  const limit = HOURLY[typ]
  if (limit === undefined) return
  await takeQuota(db, { key: `${typ}:${iss}`, limit, windowSeconds: HOUR_SECONDS, now: now(), errorStyle: 'protocol' })
}
