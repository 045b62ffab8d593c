import { ProtocolError } from '@samen/errors'
import { assertTxCodeUse, invalidProof, type PreAuthorizedTokenRequest, readTokenRequest } from '@samen/oauth'
import { assertTokenRequest } from '@samen/openid4vci'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import { isOurCode, txCodeMac } from '../offer/offer-secrets.ts'
import { offerOf } from '../offer/read-offer.ts'
import type { School } from '../school/school.ts'
import { type ClientId, newAccessToken } from './access-token.ts'
import { readDpopHolder, type WalletRequest } from './authenticate-wallet.ts'
import { grantedDetails, invalidDetails, readAuthorizationDetails } from './authorization-details.ts'
import { limitRedemption } from './limit-redemption.ts'
import { type RedemptionRow, redeemOffer } from './token.sql.ts'

/** Longer than five minutes only because the token is bound to a key. VCI#credential-request */
const TOKEN_LIFETIME_SECONDS = 600

/** VCI#token-response. No `c_nonce`: that comes from the nonce endpoint. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'DPoP'
  readonly expires_in: number
  readonly authorization_details?: object[]
}

/**
 * Exchanges the code of an offer for an access token. `form` is the parsed body. Throws ProtocolError 400 with the codes of
 * VCI#token-error-response; a code that is unknown, used, expired, cancelled or guessed to death is always the same
 * `invalid_grant`; 429 for too many. VCI#token-endpoint
 */
export async function redeemCode(
  deps: Deps,
  school: School,
  wallet: WalletRequest,
  form: Readonly<Record<string, string>>,
): Promise<TokenResponse> {
  const request = readTokenRequest(form)
  const narrowedTo = readAuthorizationDetails(form['authorization_details'])
  // Before a signature is computed for strangers, and before they are counted.
  if (!isOurCode(deps, school, request.code)) throw invalidGrant()
  const { jkt, jtiHash, jtiExpiresAt } = readDpopHolder(deps, school, wallet)
  const accessToken = newAccessToken(deps, school, jkt, readClientId(form))
  await limitRedemption(deps, school, request.code)
  const now = deps.now()
  const row = await redeemOffer(deps.db.forTenant(school.slug), school.slug, {
    codeHash: hashSecret(request.code),
    txCodeMac: request.txCode === undefined ? null : txCodeMac(deps, school, request.code, request.txCode),
    narrowedTo: narrowedTo ?? null,
    tokenHash: hashSecret(accessToken),
    jkt,
    tokenExpiresAt: new Date(now.getTime() + TOKEN_LIFETIME_SECONDS * 1000),
    jtiHash,
    jtiExpiresAt,
    now,
  })
  const offered = assertRedeemed(row, request, narrowedTo)
  // The token is not handed over when the library objects: then one of us two is wrong.
  await assertTokenRequest(offerOf(school, offered, request.code, request.txCode !== undefined), {
    preAuthorizedCode: request.code,
    txCode: request.txCode,
  })
  return {
    access_token: accessToken,
    token_type: 'DPoP',
    expires_in: TOKEN_LIFETIME_SECONDS,
    ...(narrowedTo !== undefined && { authorization_details: grantedDetails(narrowedTo) }),
  }
}

/** Longer names do not fit into a token. */
const LONGEST_CLIENT_ID = 255

function readClientId({ client_id: clientId }: Readonly<Record<string, string>>): ClientId {
  if (clientId === undefined) return 'anonymous'
  // The word that stands for nobody is nobody's name.
  if (clientId === 'anonymous' || clientId.length > LONGEST_CLIENT_ID || !/^[\x20-\x7e]+$/.test(clientId))
    throw new ProtocolError(400, 'invalid_request', 'the client_id is not readable')
  return clientId
}

function assertRedeemed(
  row: RedemptionRow | undefined,
  request: PreAuthorizedTokenRequest,
  narrowedTo: readonly string[] | undefined,
): readonly string[] {
  if (row === undefined) throw invalidGrant()
  if (!row.proof_is_fresh) throw invalidProof()
  if (row.state === null) {
    assertTxCodeUse(request, row.wants_tx_code)
    if (narrowedTo?.some((configuration) => !row.offered.includes(configuration))) throw invalidDetails()
  }
  if (row.state !== 'redeemed') throw invalidGrant()
  return row.offered
}

const invalidGrant = (): ProtocolError =>
  new ProtocolError(400, 'invalid_grant', 'the code or the transaction code is not valid, or not any more')
