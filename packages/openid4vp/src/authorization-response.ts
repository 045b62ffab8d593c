import { decryptJwe, type PrivateJwk } from '@samen/jwt-profile'
import { type JsonObject, type JsonValue, parseJson } from '@samen/strict-json'
import { refusal } from './refusal.ts'

/** What came back: the VP token as sent, not yet verified, or the reason why the wallet did not answer. */
export type WalletResponse =
  | { readonly vpToken: JsonObject; readonly state: string | undefined }
  | { readonly error: string; readonly state: string | undefined }

const MAX_RESPONSE_BYTES = 262_144
const ENCRYPTION = ['A128GCM', 'A256GCM'] as const

/** VP#error-response and RFC6749#section-4.1.2.1. A code outside the list counts as an error all the same. */
const ERROR_CODES = new Set([
  'access_denied',
  'invalid_request',
  'invalid_client',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_response_type',
  'vp_formats_not_supported',
  'invalid_request_uri_method',
  'invalid_transaction_data',
  'wallet_unavailable',
])

/**
 * Opens the form that a wallet posts in response mode `direct_post.jwt` (VP#direct_post_jwt, VP#response_encryption): JWE by
 * ECDH-ES to this request's key, content an unsigned JSON object. A VP token in the clear is refused; an error in the
 * clear is accepted, as the specification asks. `state` is what the wallet returned, to be compared by the caller, before the VP token is
 * judged: one that is none, or no object, comes back as one that answers nothing, which `parseVpToken` refuses.
 * Throws ProtocolError 400 for everything else.
 */
export function readAuthorizationResponse(
  form: Readonly<Record<string, string>>,
  key: { readonly privateJwk: PrivateJwk; readonly kid: string },
): WalletResponse {
  if (form['response'] === undefined) return readPlainError(form)
  if (form['vp_token'] !== undefined || form['error'] !== undefined) throw refusal('response_malformed')
  const payload = openResponse(form['response'], key)
  const state = readState(payload['state'])
  if (payload['error'] !== undefined) return { error: errorCode(payload['error']), state }
  const vpToken = payload['vp_token']
  return { vpToken: isObject(vpToken) ? vpToken : {}, state }
}

function readPlainError(form: Readonly<Record<string, string>>): WalletResponse {
  if (form['vp_token'] !== undefined) throw refusal('response_not_encrypted')
  if (form['error'] === undefined) throw refusal('response_malformed')
  return { error: errorCode(form['error']), state: readState(form['state']) }
}

function openResponse(response: string, key: { readonly privateJwk: PrivateJwk; readonly kid: string }): JsonObject {
  const limits = { kid: key.kid, enc: ENCRYPTION, maxBytes: MAX_RESPONSE_BYTES }
  try {
    const { plaintext } = decryptJwe(response, key.privateJwk, limits)
    const payload = parseJson(plaintext, { maxBytes: MAX_RESPONSE_BYTES })
    if (isObject(payload)) return payload
  } catch (cause) {
    throw refusal('response_unreadable', cause)
  }
  throw refusal('response_malformed')
}

function readState(value: JsonValue | undefined): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value.length > 512) throw refusal('response_malformed')
  return value
}

/** The code when the specification has it, else `other`: a wallet's own words go nowhere. */
function errorCode(value: JsonValue): string {
  return typeof value === 'string' && ERROR_CODES.has(value) ? value : 'other'
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
