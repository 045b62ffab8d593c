import type { DecisionWord } from '@samen/consent'
import { hashSecret } from '@samen/sealing'
import type { ConsentState, RefusalCode } from '../decision/consent-policy.ts'
import type { Deps } from '../deps.ts'
import {
  amendSealedOutcome,
  type ConfirmationRow,
  confirmPresentation,
  type PresentationKind,
  readSealedOutcome,
} from './presentation.sql.ts'

/** What came of a presentation, for the browser that began and no other. */
export type Outcome = DecisionOutcome | { result: 'record'; school: string; ward: string }

export type DecisionOutcome = DecidedOutcome | { result: 'not-decided'; handle: string; reason: RefusalCode }

export type DecidedOutcome = {
  result: 'decided'
  handle: string
  decision: DecisionWord
  state: ConsentState
  effective_at?: string
  delete_by?: string
  /** other requests of this app for the same purpose and child to which the same person said yes as well, and which stand */
  still_given?: string[]
}

type Keeping = Pick<Deps, 'db' | 'keyring' | 'now'>

const OPEN_SECONDS = 600

/** The outcome as it is stored, readable for ten minutes. */
export function sealOutcome(deps: Pick<Deps, 'keyring' | 'now'>, idHash: Buffer, outcome: Outcome): ConfirmationRow {
  const at = deps.now()
  return {
    idHash,
    sealedOutcome: deps.keyring.seal(JSON.stringify(outcome), outcomeContext(idHash)),
    at,
    openUntil: new Date(at.getTime() + OPEN_SECONDS * 1000),
  }
}

/** Uses up an answer that has no effect beyond what its browser may see. True for the first confirmation in time. */
export function confirmOutcome(deps: Keeping, idHash: Buffer, outcome: Outcome): Promise<boolean> {
  return confirmPresentation(deps.db, sealOutcome(deps, idHash, outcome))
}

/** Replaces what the browser may see of a confirmed answer by what is better known; never what happened. */
export async function amendOutcome(deps: Keeping, idHash: Buffer, outcome: Outcome): Promise<void> {
  await amendSealedOutcome(deps.db, sealOutcome(deps, idHash, outcome))
}

/** The outcome for the browser with this session secret. Undefined when nothing was confirmed in it, or ten minutes have passed. */
export async function readOutcome(
  deps: Keeping,
  kind: PresentationKind,
  browserSecret: string | undefined,
): Promise<Outcome | undefined> {
  if (browserSecret === undefined) return undefined
  const row = await readSealedOutcome(deps.db, { kind, browserHash: hashSecret(browserSecret) }, deps.now())
  if (row === undefined) return undefined
  return JSON.parse(deps.keyring.open(row.sealed_outcome, outcomeContext(row.id_hash)).toString('utf8')) as Outcome
}

function outcomeContext(idHash: Buffer): string {
  return `registry/outcome/${idHash.toString('hex')}`
}
