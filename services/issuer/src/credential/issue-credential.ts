import { ProtocolError } from '@samen/errors'
import { DPOP_CHALLENGE, invalidProofOfToken, invalidToken } from '@samen/oauth'
import {
  type CredentialRequest,
  type CredentialResponse,
  credentialResponse,
  type ProvedKey,
  readCredentialRequest,
  unknownIdentifier,
  verifyJwtProofs,
} from '@samen/openid4vci'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import {
  BATCH_SIZE,
  CONFIGURATION_IDS,
  CREDENTIAL_IDENTIFIERS,
  isConfigurationId,
} from '../metadata/credential-types.ts'
import { readNonces } from '../nonce/hand-out-nonce.ts'
import { openContents } from '../offer/sealed-contents.ts'
import type { School } from '../school/school.ts'
import type { Wallet } from '../token/authenticate-wallet.ts'
import { completePlaces, drawPlaces } from './claim-places.ts'
import { type IntentRow, intendIssuance, type Place } from './credential.sql.ts'
import { HAND_OVER_WITHIN_MS } from './hand-over.ts'
import { signCopies } from './sign-copies.ts'

/** VCI#key-proof-replay: the nonce carries our own time, the proof's time only has to be plausible. */
const PROOF_MAX_AGE_SECONDS = 300

/** What is answered, and the id under which it is revoked when the answer does not arrive. */
export interface Issuance {
  readonly id: string
  readonly response: CredentialResponse
}

/**
 * Issues one copy for each key that the wallet proves. The order is the point of it: everything that can be refused is
 * refused; then the places in the status list and the intent are committed; then the key is used; then the copies leave, and
 * `handOver` marks them as delivered. Whatever stops in between leaves an intent that a sweep revokes, so no copy can exist
 * that the status list does not know, and none lives that nobody got. Throws ProtocolError with the codes of
 * VCI#credential-error-response. VCI#credential-endpoint
 */
export async function issueCredential(deps: Deps, school: School, wallet: Wallet, body: unknown): Promise<Issuance> {
  const request = readCredentialRequest(body, {
    configurationIds: CONFIGURATION_IDS,
    identifiers: CREDENTIAL_IDENTIFIERS,
    batchSize: BATCH_SIZE,
  })
  const keys = verifyJwtProofs(request.proofs, {
    issuer: school.entityId,
    clientId: wallet.clientId,
    now: deps.now(),
    maxAgeSeconds: PROOF_MAX_AGE_SECONDS,
  })
  const intent = await recordIntent(deps, school, wallet, request, keys)
  const credentials = signCopies(deps, school, {
    ...readPinned(deps, school, request, intent),
    keys,
    places: intent.places,
  })
  assertInTime(deps.now(), intent.at)
  return { id: intent.id, response: credentialResponse(credentials, intent.notificationId) }
}

interface Intent {
  readonly id: string
  readonly notificationId: string
  readonly offer: string
  readonly sealed: Buffer
  readonly places: readonly Place[]
  readonly at: Date
}

async function recordIntent(
  deps: Deps,
  school: School,
  wallet: Wallet,
  request: CredentialRequest,
  keys: readonly ProvedKey[],
): Promise<Intent> {
  const nonces = readNonces(deps, school, keys)
  const id = deps.random(16).toString('base64url')
  const notificationId = deps.random(16).toString('base64url')
  const keyTags = keys.map((key) => deps.keyring.mac('issuer/holder-key', school.slug, key.thumbprint))
  const list = await deps.statusLists.openList(school)
  const at = deps.now()
  const row = await intendIssuance(deps.db.forTenant(school.slug), school.slug, {
    ...wallet,
    configuration: request.configurationId,
    byIdentifier: request.askedBy === 'identifier',
    nonces,
    issuanceId: id,
    notificationHash: hashSecret(notificationId),
    keyTags,
    list,
    draws: drawPlaces(deps.random, keys.length),
    now: at,
  }).catch(refuseUsedKey)
  const recorded = assertRecorded(row, request)
  const claim = { issuanceId: id, keyTags, list, places: recorded.places }
  const places = await completePlaces(deps, school, claim).catch(refuseUsedKey)
  return { id, notificationId, offer: recorded.offer, sealed: recorded.sealed, places, at }
}

/** One refusal for each thing that the statement found wrong, in the order in which a wallet can mend it. */
function assertRecorded(
  row: IntentRow | undefined,
  request: CredentialRequest,
): IntentRow & { readonly sealed: Buffer } {
  if (row === undefined) throw invalidToken()
  if (!row.proof_is_fresh) throw invalidProofOfToken()
  if (!row.is_authorized) throw notAuthorized(row, request)
  if (!row.nonces_are_fresh)
    throw new ProtocolError(400, 'invalid_nonce', 'the c_nonce is unknown, expired or already used')
  if (!row.keys_are_new) throw usedKey()
  // The pupil left the school, the offer was cancelled, or all of its copies were issued: asking again will not help.
  if (!row.is_recorded || row.sealed === null)
    throw new ProtocolError(400, 'credential_request_denied', 'this credential is not issued any more')
  return { ...row, sealed: row.sealed }
}

/** What one of two requests meets that bring one key at the same moment. */
function refuseUsedKey(error: unknown): never {
  const isUsedKey = error instanceof Error && 'constraint' in error && error.constraint === 'status_index_key'
  throw isUsedKey ? usedKey() : error
}

/** SDJ#section-10.1: two copies with one key would tell whoever is shown both that they are one holder's. */
const usedKey = (): ProtocolError => new ProtocolError(400, 'invalid_proof', 'a key is in a copy already')

function notAuthorized(
  { uses_identifiers: usesIdentifiers }: IntentRow,
  { askedBy }: CredentialRequest,
): ProtocolError {
  if (askedBy === 'identifier' && !usesIdentifiers) return unknownIdentifier()
  if (askedBy === 'configuration' && usesIdentifiers)
    return new ProtocolError(400, 'invalid_credential_request', 'the token response named credential identifiers')
  // VCI#authorization-errors: known, but not with this token.
  return new ProtocolError(403, 'insufficient_scope', 'the access token is not good for this credential', {
    headers: { 'www-authenticate': `${DPOP_CHALLENGE}, error="insufficient_scope"` },
  })
}

function readPinned(deps: Deps, school: School, { configurationId }: CredentialRequest, { offer, sealed }: Intent) {
  const contents = openContents(deps, school.slug, offer, sealed)
  const configuration = isConfigurationId(configurationId) ? configurationId : undefined
  const pinned = configuration && contents[configuration]
  if (pinned === undefined || configuration === undefined) throw new Error('the offer does not hold what it offered')
  return { configuration, pinned }
}

/** A process that stood still for so long may find that a sweep has revoked what it signed: then nothing leaves. */
function assertInTime(now: Date, intendedAt: Date): void {
  if (now.getTime() - intendedAt.getTime() <= HAND_OVER_WITHIN_MS) return
  throw new ProtocolError(503, 'temporarily_unavailable', 'this took too long, try again', {
    headers: { 'retry-after': '1' },
  })
}
