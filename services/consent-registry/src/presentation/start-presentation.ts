import type { Decision } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { generateEncryptionKey, type PrivateJwk } from '@samen/jwt-profile'
import { authorizationRequestUri, type DcqlQuery, x509HashClientId } from '@samen/openid4vp'
import { hashSecret, newSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import { insertPresentation } from './presentation.sql.ts'

/** What is asked of a wallet. `salt` (base64url) and `document` make the nonce of a decision. */
export type Asked = {
  readonly nonce: string
  readonly query: DcqlQuery
  readonly decision?: { readonly salt: string; readonly document: Decision }
}

/** What stays sealed between the question and the answer. */
export type PresentationSecrets = Asked & {
  readonly state: string
  readonly clientId: string
  readonly x5c: readonly string[]
  readonly encryption: PrivateJwk & { kid: string }
}

export type StartedPresentation = {
  readonly authorizationRequest: string
  readonly expiresAt: Date
  /** for the cookie of the browser that began */
  readonly browserSecret: string
}

/** A code on a screen is good for two minutes: a photographed one is worthless soon. */
export const FETCH_SECONDS = 120
/** Time to read and confirm in the wallet. */
export const ANSWER_SECONDS = 300
const MOST_AT_ONCE = 20

/**
 * Begins a presentation: a fresh decryption key and state, all sealed under an id that only the link carries.
 * `handle` is the request it decides, or null for looking back. Throws ProtocolError 429 when too many are open for one request,
 * 503 before this registry is certified.
 */
export async function startPresentation(
  deps: Pick<Deps, 'db' | 'keys' | 'keyring' | 'membership' | 'publicUrl'>,
  about: { kind: 'decision' | 'record'; handle: string | null; createdAt: Date; expiresAt: Date },
  asked: Asked,
): Promise<StartedPresentation> {
  const { x5c } = deps.membership.certified(deps.keys.request)
  const clientId = x509HashClientId(x5c)
  const id = newSecret(16)
  const browserSecret = newSecret()
  const secrets: PresentationSecrets = {
    ...asked,
    state: newSecret(16),
    clientId,
    x5c,
    encryption: generateEncryptionKey().privateJwk,
  }
  const sealedRequest = deps.keyring.seal(JSON.stringify(secrets), presentationContext(id))
  const row = { ...about, idHash: hashSecret(id), browserHash: hashSecret(browserSecret), sealedRequest }
  if (!(await insertPresentation(deps.db, row, MOST_AT_ONCE))) {
    const headers = { 'retry-after': '60' }
    throw new ProtocolError(429, 'temporarily_unavailable', 'too many wallets are being asked about this request', {
      headers,
    })
  }
  const requestUri = `${deps.publicUrl}/vp/requests/${id}`
  return {
    authorizationRequest: authorizationRequestUri('haip-vp', clientId, requestUri),
    expiresAt: about.expiresAt,
    browserSecret,
  }
}

/** Opens what `startPresentation` sealed. */
export function openSecrets(deps: Pick<Deps, 'keyring'>, id: string, sealed: Buffer): PresentationSecrets {
  return JSON.parse(deps.keyring.open(sealed, presentationContext(id)).toString('utf8')) as PresentationSecrets
}

function presentationContext(id: string): string {
  return `registry/presentation/${id}`
}
