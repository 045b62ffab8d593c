import { hashSecret, isPairingNumber, pairingNumber } from '@samen/sealing'
import { acceptDecision } from '../decision/accept-decision.ts'
import type { Deps } from '../deps.ts'
import { findRequest } from '../request/find-request.ts'
import type { RequestRow } from '../request/request.sql.ts'
import { type Answer, openAnswer } from './answer.ts'
import { unknownPresentation } from './open-presentation.ts'
import { confirmOutcome, type Outcome } from './outcome.ts'
import { type AnsweredRow, countPairingTry, type PresentationKind, readAnswered } from './presentation.sql.ts'

/** An answer that was confirmed: the request it decided, or null for a record; `outcome` is undefined when that was done before. */
export type Confirmed = { readonly handle: string | null; readonly outcome: Outcome | undefined }

/** A browser that came back from a wallet, but not the one that began: on the phone, or in the hands of somebody who was lured. */
export type Elsewhere = { readonly answer: Answer; readonly number: string; readonly request: RequestRow | undefined }

/** With five tries for one of a million numbers, a stranger who got a parent to answer has still nothing. */
const MOST_TRIES = 5

/**
 * The wallet's redirect. In the browser that began (one of `browserSecrets`) the answer takes effect. In any other nothing does: who
 * holds the wallet is told what it would mean, and a number to type in the browser that began. A person who was sent somebody else's
 * link reads there what they were about to sign for.
 * Throws ProtocolError 404 for a code that is unknown or too old, and elsewhere also when it is over.
 */
export async function returnFromWallet(
  deps: Deps,
  responseCode: string,
  browserSecrets: readonly string[],
): Promise<Confirmed | Elsewhere> {
  const row = await readAnswered(deps.db, {
    responseCodeHash: hashSecret(responseCode),
    browserHashes: browserSecrets.map(hashSecret),
    now: deps.now(),
  })
  if (row === undefined) throw unknownPresentation()
  if (row.is_here) return confirm(deps, row)
  if (row.sealed_answer === null) throw unknownPresentation()
  return {
    answer: openAnswer(deps, row.id_hash, row.sealed_answer),
    number: pairingNumber(deps.keyring, pairingName(row)),
    request: row.handle === null ? undefined : await findRequest(deps, row.handle),
  }
}

/**
 * A number typed in the browser that began. Counted before it is compared. Undefined when it does not fit, when the wallet has not
 * answered yet, when it was confirmed before, or after five tries: why is not said. Throws what `acceptDecision` throws.
 */
export async function confirmByNumber(
  deps: Deps,
  kind: PresentationKind,
  browserSecret: string,
  typed: string,
): Promise<Confirmed | undefined> {
  const browser = { kind, browserHash: hashSecret(browserSecret), mostTries: MOST_TRIES, now: deps.now() }
  const row = await countPairingTry(deps.db, browser)
  if (row === undefined || !isPairingNumber(deps.keyring, pairingName(row), typed)) return undefined
  return confirm(deps, row)
}

async function confirm(deps: Deps, row: AnsweredRow): Promise<Confirmed> {
  const { handle, id_hash: idHash, sealed_answer: sealed } = row
  if (sealed === null) return { handle, outcome: undefined }
  const answer = openAnswer(deps, idHash, sealed)
  if (answer.kind === 'decision') return { handle, outcome: await acceptDecision(deps, idHash, answer, row) }
  const outcome: Outcome = { result: 'record', school: answer.school, ward: answer.ward }
  const isFirst = await confirmOutcome(deps, idHash, outcome)
  return { handle, outcome: isFirst ? outcome : undefined }
}

function pairingName({ id_hash: idHash }: AnsweredRow): string {
  return `registry/presentation/${idHash.toString('hex')}`
}
