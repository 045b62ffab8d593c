import { sign } from 'node:crypto'
import { generateSigningKey, importPublicJwk, type SigningKey, sha256Base64url } from '@samen/jwt-profile'
import type { Test } from 'tap'
import type { Claim } from '../src/claim.ts'
import { SdJwtError, type SdJwtErrorCode } from '../src/sd-jwt-error.ts'
import { type ClaimPath, parseSdJwt } from '../src/sd-jwt-vc.ts'
import { verifyKeyBinding } from '../src/verify-key-binding.ts'
import { type SdJwtVcPolicy, verifySdJwtVc } from '../src/verify-sd-jwt-vc.ts'

export const NOW = new Date('2026-11-02T09:00:00Z')
export const SECONDS = NOW.getTime() / 1000
export const SCHOOL = 'https://issuer.example/schools/de-eik'
export const APP = 'x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk'
export const schoolKey = generateSigningKey()
export const holderKey = generateSigningKey()

export const policy: SdJwtVcPolicy = {
  issuer: SCHOOL,
  key: importPublicJwk(schoolKey.publicJwk),
  now: NOW,
}

export const bindingPolicy = {
  holderKey: holderKey.publicJwk,
  nonce: 'the-nonce-of-this-transaction',
  audience: APP,
  now: NOW,
  maxAgeSeconds: 120,
}

/** Reads and verifies what a holder sends, as a verifier does. */
export const verifyCredential = (text: string, changes: Partial<SdJwtVcPolicy> = {}) =>
  verifySdJwtVc(parseSdJwt(text), { ...policy, ...changes })
export const verifyBinding = (text: string, changes: Partial<typeof bindingPolicy> = {}) =>
  verifyKeyBinding(parseSdJwt(text), { ...bindingPolicy, ...changes })

/** The places of what was hidden and sent, with the text that disclosed it. */
export function disclosedIn(claim: Claim, path: ClaimPath = []): { path: ClaimPath; disclosure: string }[] {
  const own = claim.disclosure === undefined ? [] : [{ path, disclosure: claim.disclosure.text }]
  const inside = [...(claim.inside?.entries() ?? [])] as [string | number, Claim | undefined][]
  return [...own, ...inside.flatMap(([step, inner]) => (inner ? disclosedIn(inner, [...path, step]) : []))]
}

/** A disclosure of anything at all, also of what no issuer would write. */
export const disclosure = (content: unknown): string => Buffer.from(JSON.stringify(content)).toString('base64url')

export const digestOf = sha256Base64url

const { kty, crv, x, y } = holderKey.publicJwk
export const CLAIMS = {
  iss: SCHOOL,
  vct: 'urn:samen:credential:pupil:1',
  exp: SECONDS + 86_400,
  cnf: { jwk: { kty, crv, x, y } },
  status: { status_list: { uri: `${SCHOOL}/status-lists/1`, idx: 7 } },
}

type Forgery = {
  header?: Record<string, unknown>
  payload?: Record<string, unknown>
  key?: SigningKey
}

/** A JWT with a good signature over whatever is asked for, so that only the check under test can refuse it. */
export function forgeJwt(header: Record<string, unknown>, payload: unknown, key: SigningKey): string {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const input = [JSON.stringify(header), text].map((part) => Buffer.from(part).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** A credential of the school with these claims on top of the usual ones; undefined takes one away. */
export function forge(forgery: Forgery, disclosures: readonly string[] = []): string {
  const header = { alg: 'ES256', typ: 'dc+sd-jwt', ...forgery.header }
  const jwt = forgeJwt(header, { ...CLAIMS, ...forgery.payload }, forgery.key ?? schoolKey)
  return `${[jwt, ...disclosures].join('~')}~`
}

type Binding = { header?: Record<string, unknown>; claims?: Record<string, unknown>; key?: SigningKey }

/** The credential with a key binding JWT, good but for what is asked for. */
export function bind(credential: string, binding: Binding = {}): string {
  const { nonce, audience: aud } = bindingPolicy
  const claims = { iat: SECONDS, aud, nonce, sd_hash: sha256Base64url(credential), ...binding.claims }
  return credential + forgeJwt({ alg: 'ES256', typ: 'kb+jwt', ...binding.header }, claims, binding.key ?? holderKey)
}

/** Asserts a refusal by its code: another refusal, or none, fails. */
export function refused(t: Test, code: SdJwtErrorCode, step: () => unknown, what?: string): void {
  try {
    step()
  } catch (error) {
    if (!(error instanceof SdJwtError)) throw error
    t.equal(error.code, code, what ?? code)
    return
  }
  t.fail(`not refused: ${what ?? code}`)
}
