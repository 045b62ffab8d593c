import type { Decision } from '@samen/consent'
import type { Statements } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { SignedDecision } from '../presentation/answer.ts'
import { readEvidenceOfYes } from './decision.sql.ts'

/** What is kept of a decision: the document, the salt of its nonce, what the school signed and what the holder signed. */
export type Evidence = { salt: string; document: Decision; issuer_jwt: string; kb_jwt: string }

/** The holder's signature over the nonce, and so over this document; without the disclosures, which nobody needs again. */
export function sealEvidence(deps: Pick<Deps, 'keyring'>, { salt, document, signed }: SignedDecision): Buffer {
  const evidence: Evidence = { salt, document, issuer_jwt: signed.issuerJwt, kb_jwt: signed.keyBindingJwt }
  return deps.keyring.seal(JSON.stringify(evidence), evidenceContext(document.handle))
}

/** What was kept of each yes to a request so far, with its party in hex. Who lost authority and has it again may have said it twice. */
export async function readYesEvidence(
  deps: Pick<Deps, 'keyring'> & { db: Statements },
  handle: string,
): Promise<(Evidence & { party: string })[]> {
  const rows = await readEvidenceOfYes(deps.db, handle)
  return rows.map(({ party, sealed_evidence }) => {
    const text = deps.keyring.open(sealed_evidence, evidenceContext(handle)).toString('utf8')
    return { ...(JSON.parse(text) as Evidence), party }
  })
}

function evidenceContext(handle: string): string {
  return `registry/evidence/${handle}`
}
