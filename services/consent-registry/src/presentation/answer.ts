import type { DecisionWord } from '@samen/consent'
import { hashSecret, newSecret } from '@samen/sealing'
import type { ConsentState } from '../decision/consent-policy.ts'
import type { Deps } from '../deps.ts'
import { type Answer, openOutcome } from './presentation.sql.ts'

/** What came of a presentation; sealed until the browser that began asks. */
export type Outcome =
  | {
      result: 'decided'
      handle: string
      decision: DecisionWord
      state: ConsentState
      effective_at?: string
      delete_by?: string
    }
  | { result: 'record'; school: string; ward: string }
  | { result: 'wallet-declined' }

export type AnsweredPresentation = {
  row: Answer
  /** VP#response_mode_post: where the wallet sends the browser, and for a decision what it brought about. */
  reply: { redirect_uri: string; decision?: DecisionWord; state?: ConsentState; effective_at?: string }
}

const OPEN_SECONDS = 600

/** The stored answer of a presentation and the reply to the wallet. The response code is in the reply only. */
export function prepareAnswer(
  deps: Pick<Deps, 'keyring' | 'publicUrl' | 'now'>,
  idHash: Buffer,
  handle: string | null,
  outcome: Outcome,
): AnsweredPresentation {
  const responseCode = newSecret(16)
  const at = deps.now()
  const page = handle === null ? '/me/record' : `/requests/${handle}`
  const { decision, state, effective_at } = outcome.result === 'decided' ? outcome : {}
  return {
    row: {
      idHash,
      responseCodeHash: hashSecret(responseCode),
      sealedOutcome: deps.keyring.seal(JSON.stringify(outcome), outcomeContext(idHash)),
      at,
      openUntil: new Date(at.getTime() + OPEN_SECONDS * 1000),
    },
    reply: {
      redirect_uri: `${deps.publicUrl}${page}?response_code=${responseCode}`,
      ...(decision === undefined ? {} : { decision }),
      ...(state === undefined ? {} : { state }),
      ...(effective_at === undefined ? {} : { effective_at }),
    },
  }
}

/**
 * The outcome for the browser that began: its cookie, and the first time the response code. Undefined when either does not fit,
 * when the wallet has not answered, or when ten minutes have passed.
 */
export async function readOutcome(
  deps: Pick<Deps, 'db' | 'keyring' | 'now'>,
  browser: { kind: 'decision' | 'record'; browserSecret: string; responseCode: string | undefined },
): Promise<Outcome | undefined> {
  const { kind, browserSecret, responseCode } = browser
  const hashes = {
    browserHash: hashSecret(browserSecret),
    responseCodeHash: responseCode === undefined ? null : hashSecret(responseCode),
  }
  const row = await openOutcome(deps.db, { kind, ...hashes }, deps.now())
  if (row === undefined) return undefined
  return JSON.parse(deps.keyring.open(row.sealed_outcome, outcomeContext(row.id_hash)).toString('utf8')) as Outcome
}

function outcomeContext(idHash: Buffer): string {
  return `registry/outcome/${idHash.toString('hex')}`
}
