import { type PublicJwk, type SigningKey, sha256Base64url, signJwt } from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import { isProtectedClaim, isReservedName } from './claim-names.ts'
import { writeDisclosure } from './disclosure.ts'
import { SdJwtError } from './sd-jwt-error.ts'
import type { StatusReference } from './verify-sd-jwt-vc.ts'

/**
 * What is shown and what is hidden: `visible` claims stand in the credential, each of `hidden` is disclosed by itself, and each object
 * of `hiddenMembers` stands there with every one of its members hidden. An object without members is left out.
 */
export type DisclosurePlan = {
  readonly visible: JsonObject
  readonly hidden: JsonObject
  readonly hiddenMembers: Readonly<Record<string, JsonObject>>
}

/** One copy of a credential, to be signed. */
export type CredentialOrder = {
  /** With its certificate chain. */
  readonly key: SigningKey
  readonly issuer: string
  readonly vct: string
  readonly claims: DisclosurePlan
  readonly holderKey: PublicJwk
  readonly status: StatusReference
  /** Left out, or shown as the day (UTC) it falls on. */
  readonly issuedAt?: Date
  /** Shown as the start of the day (UTC) it falls on, so it must be more than a day away. */
  readonly expiresAt: Date
  /** Cryptographically secure random bytes. */
  readonly random: (bytes: number) => Buffer
  /** How many digests without a claim each object with hidden members gets besides. SDJ#section-4.2.5 */
  readonly decoys: number
}

const SALT_BYTES = 16
const DECOY_BYTES = 32
const DAY_MILLISECONDS = 86_400_000

/**
 * Issues one copy of a credential. SVC#data-format, SDJ#section-4
 *
 * In: the order. Out: the compact form with all disclosures and a tilde at its end. Every claim has its own salt of 128 bits
 * (SDJ#section-9.3), digests are sorted so that their order says nothing (SDJ#section-4.2.4.1), times are whole days so that copies
 * issued together or apart do not show it (SDJ#section-10.1). Throws `SdJwtError`: `missing_certificate`, and for a plan that would
 * make an invalid credential `reserved_claim_name`, `protected_claim`, `claim_already_present`.
 */
export function issueSdJwtVc(order: CredentialOrder): string {
  const { key, claims, holderKey, status } = order
  if (key.x5c === undefined) throw new SdJwtError('missing_certificate')
  assertSoundPlan(claims)
  const hider = createHider(order)
  const { kty, crv, x, y } = holderKey
  const payload = {
    iss: order.issuer,
    vct: order.vct,
    iat: order.issuedAt && wholeDay(order.issuedAt),
    exp: wholeDay(order.expiresAt),
    // Only the public members: a wallet's key that arrives with more leaves with these.
    cnf: { jwk: { kty, crv, x, y } },
    status: { status_list: { idx: status.idx, uri: status.uri } },
    ...claims.visible,
    ...hideMembers(claims.hiddenMembers, hider),
    ...hider.hide(claims.hidden),
    _sd_alg: hider.disclosures.length > 0 ? 'sha-256' : undefined,
  }
  const issuerJwt = signJwt(key, { typ: 'dc+sd-jwt', x5c: key.x5c }, payload)
  return `${[issuerJwt, ...hider.disclosures].join('~')}~`
}

function wholeDay(time: Date): number {
  return (Math.floor(time.getTime() / DAY_MILLISECONDS) * DAY_MILLISECONDS) / 1000
}

type Hider = { readonly disclosures: string[]; hide(claims: JsonObject): { _sd?: string[] } }

function createHider({ claims, random, decoys }: CredentialOrder): Hider {
  const disclosures: string[] = []
  const take = randomPool(random, randomBytesNeeded(claims, decoys))
  const hide = (hidden: JsonObject) => {
    const names = Object.keys(hidden)
    if (names.length === 0) return {}
    const digests = names.map((name) => {
      const text = writeDisclosure(take(SALT_BYTES).toString('base64url'), name, hidden[name] as JsonValue)
      disclosures.push(text)
      return sha256Base64url(text)
    })
    for (let i = 0; i < decoys; i++) digests.push(sha256Base64url(take(DECOY_BYTES)))
    return { _sd: digests.sort() }
  }
  return { disclosures, hide }
}

function randomBytesNeeded({ hidden, hiddenMembers }: DisclosurePlan, decoys: number): number {
  const counts = [hidden, ...Object.values(hiddenMembers)].map((claims) => Object.keys(claims).length)
  return counts.reduce((total, count) => total + (count === 0 ? 0 : count * SALT_BYTES + decoys * DECOY_BYTES), 0)
}

/** One draw for the whole credential: a draw for each salt costs more than hashing it. */
function randomPool(random: (bytes: number) => Buffer, size: number): (bytes: number) => Buffer {
  const pool = random(size)
  let used = 0
  return (bytes) => {
    used += bytes
    return pool.subarray(used - bytes, used)
  }
}

function hideMembers(objects: DisclosurePlan['hiddenMembers'], hider: Hider): JsonObject {
  const shown: JsonObject = {}
  for (const [name, members] of Object.entries(objects)) {
    const digests = hider.hide(members)
    if (digests._sd) shown[name] = { _sd: digests._sd }
  }
  return shown
}

/** SVC#claims, SDJ#section-4.2.1. What would be refused when it is presented is refused before it is signed. */
function assertSoundPlan({ visible, hidden, hiddenMembers }: DisclosurePlan): void {
  const names = [visible, hidden, hiddenMembers].flatMap((claims) => Object.keys(claims))
  if (names.some((name) => isProtectedClaim(name) || name === 'iat')) throw new SdJwtError('protected_claim')
  if (new Set(names).size !== names.length) throw new SdJwtError('claim_already_present')
  assertNoReservedName(visible)
  assertNoReservedName(hidden)
  assertNoReservedName(hiddenMembers)
}

function assertNoReservedName(value: JsonValue | Readonly<Record<string, JsonValue>>): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (isReservedName(name)) throw new SdJwtError('reserved_claim_name')
    assertNoReservedName(member)
  }
}
