import { decodeJwt, type SigningKey, sha256Base64url, signJwt } from '@samen/jwt-profile'
import { parseSdJwt, SD_JWT_LIMITS } from './parse-sd-jwt.ts'
import { type ClaimPath, type DisclosedClaim, processDisclosures } from './process-disclosures.ts'
import { SdJwtError } from './sd-jwt-error.ts'

/** What to show to whom. `disclose` holds paths into the credential with everything disclosed; a path stands for all below it too. */
export type PresentationOrder = {
  readonly disclose: readonly ClaimPath[]
  readonly nonce: string
  readonly audience: string
  readonly holderKey: SigningKey
  readonly now: Date
}

/**
 * Makes a presentation, as a wallet does. SDJ#section-7.2
 *
 * In: a credential as issued (its signature is not checked here) and the order. Out: the SD-JWT+KB with the disclosures asked for and
 * those they are nested in, no others. Throws `SdJwtError`: `not_an_sd_jwt` for something that was presented before, `unknown_claim`
 * for a path that nothing stands at, and what `processDisclosures` refuses.
 */
export function presentSdJwtVc(credential: string, order: PresentationOrder): string {
  const { issuerJwt, disclosures, keyBindingJwt } = parseSdJwt(credential, SD_JWT_LIMITS)
  if (keyBindingJwt !== undefined) throw new SdJwtError('not_an_sd_jwt')
  const { payload } = decodeJwt(issuerJwt, SD_JWT_LIMITS)
  const { claims, disclosed } = processDisclosures(payload, disclosures)
  for (const path of order.disclose) assertThere(claims, path)
  const chosen = disclosed.filter((claim) => order.disclose.some((path) => isOnTheWay(claim, path)))
  const boundText = `${[issuerJwt, ...chosen.map(({ disclosure }) => disclosure)].join('~')}~`
  return boundText + signBinding(boundText, order)
}

/** SDJ#section-4.3. */
function signBinding(boundText: string, { holderKey, now, audience, nonce }: PresentationOrder): string {
  const iat = Math.floor(now.getTime() / 1000)
  return signJwt(holderKey, { typ: 'kb+jwt' }, { iat, aud: audience, nonce, sd_hash: sha256Base64url(boundText) })
}

/** Whether the claim contains what the path names, is it, or is contained in it. */
function isOnTheWay({ path: claim }: DisclosedClaim, wanted: ClaimPath): boolean {
  const shared = Math.min(claim.length, wanted.length)
  return claim.slice(0, shared).every((step, i) => step === wanted[i])
}

function assertThere(claims: unknown, path: ClaimPath): void {
  let at = claims
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) throw new SdJwtError('unknown_claim')
    at = (at as Record<string | number, unknown>)[step]
  }
}
