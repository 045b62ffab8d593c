import { type SigningKey, sha256Base64url, signJwt } from '@samen/jwt-profile'
import { type Claim, disclosuresWithin, elementsOf, membersOf } from './claim.ts'
import type { Disclosure } from './disclosure.ts'
import { parseSdJwt } from './parse-sd-jwt.ts'
import { processDisclosures } from './process-disclosures.ts'
import { SdJwtError } from './sd-jwt-error.ts'

/** Where a claim stands: member names, and indices of the arrays as the issuer signed them. */
export type ClaimPath = readonly (string | number)[]

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
 * for a path that nothing stands at, and what `parseSdJwt` and `processDisclosures` refuse.
 */
export function presentSdJwtVc(credential: string, order: PresentationOrder): string {
  const { issuerJwt, disclosures, keyBindingJwt, boundText } = parseSdJwt(credential)
  if (keyBindingJwt !== undefined) throw new SdJwtError('not_an_sd_jwt')
  const root = processDisclosures(issuerJwt.payload, disclosures)
  const chosen = new Set(order.disclose.flatMap((path) => disclosuresFor(root, path)))
  const texts = [...disclosures.values()].filter((disclosure) => chosen.has(disclosure)).map(({ text }) => text)
  const shown = `${[boundText.slice(0, boundText.indexOf('~')), ...texts].join('~')}~`
  return shown + signBinding(shown, order)
}

/** SDJ#section-4.3. */
function signBinding(boundText: string, { holderKey, now, audience, nonce }: PresentationOrder): string {
  const iat = Math.floor(now.getTime() / 1000)
  return signJwt(holderKey, { typ: 'kb+jwt' }, { iat, aud: audience, nonce, sd_hash: sha256Base64url(boundText) })
}

/** The disclosures on the way to what the path names, and those inside it. */
function disclosuresFor(claim: Claim, [step, ...rest]: ClaimPath): Disclosure[] {
  if (step === undefined) return disclosuresWithin(claim)
  const next = typeof step === 'string' ? membersOf(claim)?.get(step) : elementsOf(claim)?.[step]
  if (next === undefined) throw new SdJwtError('unknown_claim')
  return [...(claim.disclosure ? [claim.disclosure] : []), ...disclosuresFor(next, rest)]
}
