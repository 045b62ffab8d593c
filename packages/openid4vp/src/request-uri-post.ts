import { ProtocolError } from '@samen/errors'
import { type ContentEncryption, importPublicJwk, type PublicJwk } from '@samen/jwt-profile'
import { defineShape, parseJson } from '@samen/strict-json'
import { type Static, Type } from 'typebox'
import { PresentationError, refusal } from './refusal.ts'

/** What a wallet said about itself when it asked for the request. */
export type AskingWallet = {
  /** to be echoed in the signed object */
  readonly nonce: string | undefined
  /** the key that the object has to be encrypted to, and how */
  readonly encryption: { readonly key: PublicJwk; readonly enc: ContentEncryption } | undefined
}

const MAX_METADATA_BYTES = 16_384
const WALLET_NONCE = /^[\x21-\x7e]{1,512}$/
const ENCRYPTIONS = ['A128GCM', 'A256GCM'] as const

const Names = Type.Optional(Type.Array(Type.String()))

/** VP#as_metadata_parameters: the members that could rule our request out, and the keys to encrypt it to. Others are ignored. */
const metadata = defineShape(
  Type.Object({
    vp_formats_supported: Type.Optional(
      Type.Object({
        'dc+sd-jwt': Type.Optional(Type.Object({ 'sd-jwt_alg_values': Names, 'kb-jwt_alg_values': Names })),
      }),
    ),
    client_id_prefixes_supported: Names,
    response_types_supported: Names,
    response_modes_supported: Names,
    request_object_signing_alg_values_supported: Names,
    request_object_encryption_alg_values_supported: Names,
    request_object_encryption_enc_values_supported: Names,
    authorization_encryption_alg_values_supported: Names,
    authorization_encryption_enc_values_supported: Names,
    jwks: Type.Optional(
      Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 16 }) }),
    ),
  }),
)
type Metadata = Static<typeof metadata.schema>

/**
 * Reads the form that a wallet posts to the request URI (VP#request_uri_method_post). Throws
 * ProtocolError 400 when `wallet_metadata` is not JSON of that shape, or says that the wallet cannot use our one profile: ES256,
 * `x509_hash`, `dc+sd-jwt`, `direct_post.jwt`, ECDH-ES with AES-GCM. A wallet that hears an error does not go on.
 */
export function readRequestUriPost(form: Readonly<Record<string, string>>): AskingWallet {
  const { wallet_nonce: nonce, wallet_metadata: text } = form
  if (nonce !== undefined && !WALLET_NONCE.test(nonce)) throw refusal('wallet_metadata_malformed')
  if (text === undefined) return { nonce, encryption: undefined }
  const wallet = readMetadata(text)
  assertWalletCanAnswer(wallet)
  return { nonce, encryption: readEncryption(wallet) }
}

function readMetadata(text: string): Metadata {
  try {
    return metadata.read(parseJson(text, { maxBytes: MAX_METADATA_BYTES }), () => new TypeError('shape'))
  } catch (cause) {
    throw refusal('wallet_metadata_malformed', cause)
  }
}

/** What a wallet does not name it leaves open. */
function assertWalletCanAnswer(wallet: Metadata): void {
  const formats = wallet.vp_formats_supported
  const format = formats?.['dc+sd-jwt']
  if (formats !== undefined && format === undefined) throw unsupported()
  assertTakes(format?.['sd-jwt_alg_values'], 'ES256')
  assertTakes(format?.['kb-jwt_alg_values'], 'ES256')
  assertTakes(wallet.client_id_prefixes_supported, 'x509_hash')
  assertTakes(wallet.response_types_supported, 'vp_token')
  assertTakes(wallet.response_modes_supported, 'direct_post.jwt')
  assertTakes(wallet.request_object_signing_alg_values_supported, 'ES256')
  assertTakes(wallet.authorization_encryption_alg_values_supported, 'ECDH-ES')
  assertTakes(wallet.authorization_encryption_enc_values_supported, ...ENCRYPTIONS)
}

/** A wallet that sends public keys for it requires an encrypted request object. VP#request_uri_method_post */
function readEncryption(wallet: Metadata): AskingWallet['encryption'] {
  const keys = (wallet.jwks?.keys ?? []).filter(({ use }) => use !== 'sig')
  if (keys.length === 0) return undefined
  assertTakes(wallet.request_object_encryption_alg_values_supported, 'ECDH-ES')
  const enc = assertTakes(wallet.request_object_encryption_enc_values_supported, ...ENCRYPTIONS)
  const key = keys.find(isForEcdhEs)
  if (key === undefined) throw unsupported()
  return { key, enc }
}

function isForEcdhEs(jwk: Record<string, unknown>): jwk is PublicJwk {
  try {
    importPublicJwk(jwk)
    return (jwk['alg'] ?? 'ECDH-ES') === 'ECDH-ES' && (jwk['use'] ?? 'enc') === 'enc'
  } catch {
    // A key of another kind, for another verifier.
    return false
  }
}

/** The first of ours that the wallet takes. */
function assertTakes<T extends string>(theirs: readonly string[] | undefined, ...ours: readonly [T, ...T[]]): T {
  const found = theirs === undefined ? ours[0] : ours.find((one) => theirs.includes(one))
  if (found === undefined) throw unsupported()
  return found
}

function unsupported(): ProtocolError {
  return new ProtocolError(400, 'invalid_request', 'the wallet does not support what this request needs', {
    cause: new PresentationError('wallet_metadata_unsupported'),
  })
}
