import type { DecisionEvidence } from '@samen/consent'
import type { Statements } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { SignedDecision } from '../presentation/answer.ts'
import { readEvidenceOfYes } from './decision.sql.ts'

/** What is kept of a decision. */
export function evidenceOf({ salt, document, signed }: SignedDecision): DecisionEvidence {
  return { salt, document, issuer_jwt: signed.issuerJwt, kb_jwt: signed.keyBindingJwt }
}

/** What a decision rests on, sealed for its request. */
export function sealEvidence(deps: Pick<Deps, 'keyring'>, evidence: DecisionEvidence): Buffer {
  return deps.keyring.seal(JSON.stringify(evidence), evidenceContext(evidence.document.handle))
}

/** Opens what `sealEvidence` sealed for this request. Throws SealingError for that of another one. */
export function openEvidence(deps: Pick<Deps, 'keyring'>, handle: string, sealed: Buffer): DecisionEvidence {
  return JSON.parse(deps.keyring.open(sealed, evidenceContext(handle)).toString('utf8')) as DecisionEvidence
}

/** What was kept of each yes to a request so far, with its party in hex. Who lost authority and has it again may have said it twice. */
export async function readYesEvidence(
  deps: Pick<Deps, 'keyring'> & { db: Statements },
  handle: string,
): Promise<(DecisionEvidence & { party: string })[]> {
  const rows = await readEvidenceOfYes(deps.db, handle)
  return rows.map(({ party, sealed_evidence }) => ({ ...openEvidence(deps, handle, sealed_evidence), party }))
}

function evidenceContext(handle: string): string {
  return `registry/evidence/${handle}`
}
