import { RECEIPT_MESSAGE, type Receipt, receiptExpiry, signNodeMessage } from '@samen/consent'
import { encryptJwe } from '@samen/jwt-profile'
import { listUri } from '../consent-list/sign-lists.ts'
import type { Deps } from '../deps.ts'
import { readAppEndpoints } from '../notice/app-endpoints.ts'
import { deliver } from '../notice/deliver.ts'
import type { Delivery } from '../queues.ts'
import { forgetReceipt, type OpenReceipt, readOpenReceipt } from './receipt.sql.ts'

/**
 * Sends the receipt of a live consent to its app: signed by us, encrypted to the key of the app's signed metadata. When the
 * consent has ended meanwhile there is nothing to send. One that the app refuses for good stays known as not taken. Throws when the app
 * may take it later: the job is retried.
 */
export async function sendReceipt(deps: Deps, { handle, jti }: Delivery): Promise<void> {
  deps.head.assertIntact()
  const open = await readOpenReceipt(deps.db, handle)
  if (open === undefined) return
  const app = await readAppEndpoints(deps, open.app)
  const message = signNodeMessage(deps.keys.federation, {
    typ: RECEIPT_MESSAGE.typ,
    iss: deps.publicUrl,
    aud: open.app,
    now: deps.now(),
    expiresAt: receiptExpiry(open),
    jti,
    body: { receipt: receiptOf(deps, open) },
  })
  const body = await encryptJwe(message, app.encryptionKey, { cty: 'JWT' }, 'A256GCM')
  const posted = { url: app.receiptEndpoint, contentType: 'application/jose', body }
  if (await deliver(deps, 'receipt', posted)) await forgetReceipt(deps.db, handle)
}

/** The context under which a receipt's salt and binding are sealed. */
export function receiptContext(handle: string): string {
  return `registry/receipt/${handle}`
}

function receiptOf(deps: Pick<Deps, 'keyring' | 'publicUrl'>, open: OpenReceipt): Receipt {
  const { handle, purpose_id, purpose_version, school, until, list, list_index } = open
  const sealed = deps.keyring.open(open.sealed_receipt, receiptContext(handle)).toString('utf8')
  const { binding_salt, binding } = JSON.parse(sealed) as Pick<Receipt, 'binding_salt' | 'binding'>
  const status = { status_list: { uri: listUri(deps.publicUrl, list), idx: list_index } }
  return { handle, purpose_id, purpose_version, school, until, status, binding_salt, binding }
}
