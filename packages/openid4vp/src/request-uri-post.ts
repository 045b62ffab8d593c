import { defineShape, parseJson } from '@samen/strict-json'
import { Type } from 'typebox'
import { refusal } from './refusal.ts'

const MAX_METADATA_BYTES = 16_384
const WALLET_NONCE = /^[\x21-\x7e]{1,512}$/

/** VP#as_metadata_parameters: the members that could rule our request out. Others are ignored. */
const metadata = defineShape(
  Type.Object({
    vp_formats_supported: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    client_id_prefixes_supported: Type.Optional(Type.Array(Type.String())),
    request_object_signing_alg_values_supported: Type.Optional(Type.Array(Type.String())),
  }),
)

/**
 * Reads the form that a wallet posts to the request URI (VP#request_uri_method_post). Returns the wallet's nonce, to be
 * echoed in the signed object, or 'not-used'. Throws ProtocolError 400 when `wallet_metadata` is not JSON of that shape or
 * says that the wallet cannot use our one profile: ES256, `x509_hash`, `dc+sd-jwt`.
 */
export function readRequestUriPost(form: Readonly<Record<string, string>>): { walletNonce: string | 'not-used' } {
  if (form['wallet_metadata'] !== undefined) assertWalletCanAnswer(form['wallet_metadata'])
  const walletNonce = form['wallet_nonce']
  if (walletNonce === undefined) return { walletNonce: 'not-used' }
  // 'not-used' is our own word for absence; a wallet that sends it gets no echo and gives up, which harms only itself.
  if (!WALLET_NONCE.test(walletNonce)) throw refusal('wallet_metadata_malformed')
  return { walletNonce }
}

function assertWalletCanAnswer(text: string): void {
  const wallet = readMetadata(text)
  const supported = [
    wallet.request_object_signing_alg_values_supported?.includes('ES256'),
    wallet.client_id_prefixes_supported?.includes('x509_hash'),
    wallet.vp_formats_supported && Object.hasOwn(wallet.vp_formats_supported, 'dc+sd-jwt'),
  ]
  if (supported.includes(false)) throw refusal('wallet_metadata_unsupported')
}

function readMetadata(text: string) {
  try {
    return metadata.read(parseJson(text, { maxBytes: MAX_METADATA_BYTES }), () => new TypeError('shape'))
  } catch (cause) {
    throw refusal('wallet_metadata_malformed', cause)
  }
}
