import { invalidToken, readDpopToken, verifyDpopProof } from '@samen/oauth'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { type ClientId, readOurToken } from './access-token.ts'

/** How old a DPoP proof may be, and so how long its id is remembered. DPOP#section-11.1 */
const PROOF_MAX_AGE_SECONDS = 120

/** The headers of a request to a protected endpoint, and which endpoint: the last part of its URL. */
export interface WalletRequest {
  readonly authorization: string | undefined
  readonly dpop: string | readonly string[] | undefined
  readonly endpoint: 'token' | 'credential' | 'notification'
}

/** What is proved before the database is asked. Whether the token lives and the proof is new, the next statement decides. */
export interface Wallet {
  /** the only `iss` that its key proofs may have. VCI#jwt-proof-type */
  readonly clientId: ClientId
  readonly tokenHash: Buffer
  readonly jkt: string
  readonly jtiHash: Buffer
  readonly jtiExpiresAt: Date
}

export type DpopHolder = Omit<Wallet, 'tokenHash' | 'clientId'>

/**
 * The key behind a token request. Throws ProtocolError 400 `invalid_dpop_proof`, also when there is no proof: every token
 * of this server is bound to a key. DPOP#section-5
 */
export function readDpopHolder(deps: Deps, school: School, { dpop, endpoint }: WalletRequest): DpopHolder {
  return prove(deps, school, dpop, endpoint, 'not-used')
}

/**
 * The token and its key at a protected endpoint. Throws ProtocolError 401 `invalid_token` or `invalid_dpop_proof`, always
 * with a challenge. DPOP#section-7.1, VCI#authorization-errors
 */
export function authenticateWallet(
  deps: Deps,
  school: School,
  request: WalletRequest & { readonly authorization: string },
): Wallet {
  const accessToken = readDpopToken(request.authorization)
  const holder = prove(deps, school, request.dpop, request.endpoint, accessToken)
  const ours = readOurToken(deps, school, holder.jkt, accessToken)
  if (ours === undefined) throw invalidToken()
  return { ...holder, ...ours, tokenHash: hashSecret(accessToken) }
}

function prove(
  deps: Deps,
  school: School,
  dpop: string | readonly string[] | undefined,
  endpoint: string,
  accessToken: string | 'not-used',
): DpopHolder {
  const { jkt, jti, usableUntil } = verifyDpopProof(dpop, {
    htm: 'POST',
    htu: `${school.entityId}/${endpoint}`,
    accessToken,
    now: deps.now(),
    maxAgeSeconds: PROOF_MAX_AGE_SECONDS,
  })
  // Two wallets may choose the same id; one key that repeats its own is a replay.
  return { jkt, jtiHash: hashSecret(`${jkt}.${jti}`), jtiExpiresAt: new Date(Math.ceil(usableUntil) * 1000) }
}
