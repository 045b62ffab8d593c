import { Problem } from '@samen/errors'
import { createOfferUri } from '@samen/openid4vci'
import { audit, type IdempotentReply, type IdempotentRequest, type Tx, withIdempotency } from '@samen/pg-kit'
import { hashSecret } from '@samen/sealing'
import { readAudiences } from '../agreement/read-audiences.ts'
import type { Deps } from '../deps.ts'
import { BATCH_SIZE } from '../metadata/credential-types.ts'
import type { GuardianFacts, PupilFacts } from '../roster/pupil-facts.ts'
import { guardianOf, type ReadPupil, readPupil } from '../roster/read-facts.ts'
import type { Caller } from '../school/authenticate-school.ts'
import type { School } from '../school/school.ts'
import { insertOffer } from './offer.sql.ts'
import type { OfferMade, OfferOrder } from './offer-messages.ts'
import { newOfferSecrets, newTxCode, txCodeMac } from './offer-secrets.ts'
import {
  credentialsExpireAt,
  LONGEST_LIFETIME_MS,
  type PinnedCredentials,
  pinGuardianship,
  pinPupil,
} from './pin-credentials.ts'
import { sealContents } from './sealed-contents.ts'

/** What gives authority over a child, or needs no transaction code, is redeemed at the desk or not at all. */
const DESK_LIFETIME_SECONDS = 900
const LIFETIME_SECONDS = 86_400
/** Two batches of each credential: one, and one more after a reply that got lost. */
const COPIES_PER_CREDENTIAL = 2 * BATCH_SIZE

/**
 * Makes an offer. What will be issued is fixed now and sealed, so that a later version of the program signs the same.
 * Throws Problem 409 `not-a-member` (no certificate yet), 422 `verification-needed`, `tx-code-needed`, `no-such-facts` (one
 * of the two is unknown, they are not related, the administration names no authority, or the pupil decides alone by now: all alike),
 * `school-year-over` or `school-year-too-long`.
 * VCI#credential-offer
 */
export async function createOffer(
  deps: Deps,
  caller: Caller,
  order: OfferOrder,
  idempotency: Pick<IdempotentRequest, 'key' | 'requestHash'>,
): Promise<IdempotentReply> {
  const now = deps.now()
  const { school } = caller
  assertAllowed(school, order)
  const { pupil, guardian } = await readPeople(deps, school, order)
  const { facts } = pupil
  assertYear(facts, now)
  const contents = await pinContents(deps, school, order, facts, guardian, now)
  const request = { ...idempotency, tenant: school.slug, sealing: deps.keyring, now }
  return withIdempotency(deps.db.forTenant(school.slug), request, (tx) =>
    storeOffer(deps, tx, caller, order, pupil, contents, now),
  )
}

function assertAllowed(school: School, order: OfferOrder): void {
  if (school.credentialKey.x5c === undefined)
    throw new Problem(409, 'not-a-member', 'The federation has not certified this school yet')
  if (new Set(order.credentials).size < order.credentials.length)
    throw new Problem(400, 'invalid-request', 'A credential is named twice')
  if (!order.credentials.includes('guardianship')) return
  const [one, other] = order.verification?.checked_by ?? []
  if (one === undefined)
    throw new Problem(422, 'verification-needed', 'Guardianship is offered after two staff members saw the document')
  if (one === other) throw new Problem(400, 'invalid-request', 'The two staff members are one and the same')
  if (order.tx_code === 'none')
    throw new Problem(422, 'tx-code-needed', 'Guardianship is never offered without a transaction code')
}

/** What is refused when it is signed is refused here, where somebody can mend it: a wallet would only lose its code. */
function assertYear(facts: PupilFacts, now: Date): void {
  const lifetime = credentialsExpireAt(facts).getTime() - now.getTime()
  if (lifetime <= 0)
    throw new Problem(422, 'school-year-over', 'The administration knows no current school year of this pupil')
  if (lifetime > LONGEST_LIFETIME_MS)
    throw new Problem(422, 'school-year-too-long', 'The school year of this pupil ends too far away')
}

async function readPeople(
  deps: Deps,
  school: School,
  order: OfferOrder,
): Promise<{ pupil: ReadPupil; guardian: GuardianFacts | undefined }> {
  const pupil = await readPupil(deps, school, order.subject)
  const isOwn = order.holder === order.subject
  const guardian = isOwn ? undefined : guardianOf(deps, school, pupil, order.holder)
  const mayHold = isOwn ? !order.credentials.includes('guardianship') : guardian !== undefined
  if (pupil === undefined || !mayHold)
    throw new Problem(422, 'no-such-facts', 'The administration does not support this offer')
  return { pupil, guardian }
}

async function pinContents(
  deps: Deps,
  school: School,
  order: OfferOrder,
  pupil: PupilFacts,
  guardian: GuardianFacts | undefined,
  now: Date,
): Promise<PinnedCredentials> {
  const audiences = await readAudiences(deps, school)
  const { credentials, verification } = order
  return {
    ...(credentials.includes('pupil') && { pupil: pinPupil(school, pupil, audiences) }),
    ...(credentials.includes('guardianship') &&
      guardian !== undefined &&
      verification !== undefined && {
        guardianship: pinGuardianship(school, pupil, guardian, audiences, { method: verification.method, now }),
      }),
  }
}

async function storeOffer(
  deps: Deps,
  tx: Tx,
  { school, keyId }: Caller,
  order: OfferOrder,
  { facts, sealed: readFrom }: ReadPupil,
  contents: PinnedCredentials,
  now: Date,
): Promise<IdempotentReply> {
  const id = deps.random(16).toString('base64url')
  const { reference, preAuthorizedCode } = newOfferSecrets(deps, school)
  const txCode = order.tx_code === 'none' ? undefined : newTxCode(deps.random)
  const expiresAt = new Date(now.getTime() + lifetimeOf(order) * 1000)
  const configurations = Object.keys(contents)
  const isStored = await insertOffer(tx, school.slug, {
    id,
    referenceHash: hashSecret(reference),
    codeHash: hashSecret(preAuthorizedCode),
    txCodeMac: txCode === undefined ? null : txCodeMac(deps, school, preAuthorizedCode, txCode),
    configurations,
    copies: configurations.map(() => COPIES_PER_CREDENTIAL),
    pupilId: facts.pupilId,
    readFrom,
    subjectTag: deps.keyring.mac('issuer/subject', school.slug, facts.pupilId),
    sealed: sealContents(deps, school.slug, id, contents),
    verification: sealVerification(deps, school, id, order),
    credentialsExpireAt: credentialsExpireAt(facts),
    createdAt: now,
    expiresAt,
  })
  if (!isStored) throw new Problem(422, 'no-such-facts', 'The administration does not support this offer')
  await audit(tx, { tenant: school.slug, at: now, actor: keyId, action: 'offer.created', object: id, outcome: 'ok' })
  const body: OfferMade = {
    id,
    offer_uri: createOfferUri('openid-credential-offer', `${school.entityId}/offers/${reference}`),
    page_url: `${school.entityId}/desk/offers/${reference}`,
    ...(txCode !== undefined && { tx_code: txCode }),
    expires_at: expiresAt.toISOString(),
  }
  return { status: 201, body }
}

function lifetimeOf(order: OfferOrder): number {
  const isForDesk = order.credentials.includes('guardianship') || order.tx_code === 'none'
  return isForDesk ? DESK_LIFETIME_SECONDS : LIFETIME_SECONDS
}

/** Names of staff are nobody's business but the auditor's; the rest of the row may be shown. */
function sealVerification(deps: Deps, school: School, id: string, { verification }: OfferOrder): Buffer | null {
  if (verification === undefined) return null
  return deps.keyring.seal(JSON.stringify(verification), `issuer/offer-verification/${school.slug}/${id}`)
}
