import { CertificateError } from '@samen/certificates'
import { ProtocolError } from '@samen/errors'
import { decodeJwt } from '@samen/jwt-profile'
import type { Deps } from '../deps.ts'
import type { SignedDecision } from '../presentation/answer.ts'
import type { Act } from './consent-policy.ts'
import type { DecisionFacts } from './decision.sql.ts'
import { readYesEvidence } from './evidence.ts'

/** What stands in a credential whose signature was verified when it arrived. */
type Verified = { exp: number; status: { status_list: { uri: string; idx: number } } }

const MOST_BYTES = 65_536

/**
 * Whether who signed may decide now: the school is a member, and its credential valid. A last day that is over ends the yes only. Throws
 * ProtocolError 503 when that cannot be found out.
 */
export async function authorityOf(
  deps: Pick<Deps, 'trustIssuer' | 'checkStatus' | 'now'>,
  { guardian, signed }: SignedDecision,
): Promise<Act['authority']> {
  const { school, decideUntil } = guardian
  if (decideUntil !== 'not-asked' && decideUntil < deps.now().toISOString().slice(0, 10)) return 'ended'
  const isLive =
    (await isMember(deps, school, signed.issuerJwt)) && (await isLiveCredential(deps, school, signed.issuerJwt))
  return isLive ? 'live' : 'ended'
}

/** A no or a withdrawal arrives also from a school that has left (`presentation/trust-former-school.ts`). */
async function isMember(deps: Pick<Deps, 'trustIssuer'>, school: string, issuerJwt: string): Promise<boolean> {
  const { x5c } = decodeJwt(issuerJwt, { maxBytes: MOST_BYTES }).header
  return notRefused(() => deps.trustIssuer(school, x5c as string[]))
}

/**
 * The same facts with those yes only that still have authority behind them: a guardian who lost it has no say in what the others decide
 * afterwards. Read only where it can matter, which is before another yes. Throws ProtocolError 503 when no status can be read.
 */
export async function withStandingYes(
  deps: Pick<Deps, 'db' | 'keyring' | 'checkStatus' | 'now'>,
  handle: string,
  facts: DecisionFacts,
): Promise<DecisionFacts> {
  if (facts.recorded !== 'requested' || facts.said_yes.length === 0) return facts
  const standing = new Set<string>()
  for (const { party, document, issuer_jwt } of await readYesEvidence(deps, handle)) {
    if (await isLiveCredential(deps, document.school, issuer_jwt)) standing.add(party)
  }
  return { ...facts, said_yes: [...standing] }
}

/**
 * Whether the school still says what it said in this credential of its own: it has not run out and its status is valid. The signature of
 * `issuerJwt` was verified before it was sealed. Throws ProtocolError 503 when the status cannot be read: nobody decides on a guess.
 */
async function isLiveCredential(
  deps: Pick<Deps, 'checkStatus' | 'now'>,
  school: string,
  issuerJwt: string,
): Promise<boolean> {
  const { exp, status } = decodeJwt(issuerJwt, { maxBytes: MOST_BYTES }).payload as unknown as Verified
  if (exp * 1000 <= deps.now().getTime()) return false
  return notRefused(() => deps.checkStatus(school, status.status_list))
}

async function notRefused(check: () => Promise<unknown>): Promise<boolean> {
  try {
    await check()
    return true
  } catch (error) {
    if (error instanceof CertificateError || (error instanceof ProtocolError && error.status < 500)) return false
    throw error
  }
}
