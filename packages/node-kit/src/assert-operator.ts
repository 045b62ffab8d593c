import { timingSafeEqual } from 'node:crypto'
import { Problem } from '@samen/errors'
import { hashSecret } from '@samen/sealing'

/** Only the operator of this node may go on. `key` is the bearer token of the request. Throws Problem 401 `unauthorized`. */
export function assertOperator(deps: { readonly operatorKeyHash: Buffer }, key: string | undefined): void {
  if (key !== undefined && timingSafeEqual(hashSecret(key), deps.operatorKeyHash)) return
  throw unauthorized(
    'The operator key is missing or wrong',
    'Send the content of the file operator-key as Authorization: Bearer',
  )
}

/** RFC6750#section-3: no key, or one that is unknown. `title` and `detail` are constant texts that say what to do. */
export function unauthorized(title: string, detail: string): Problem {
  return new Problem(401, 'unauthorized', title, { detail, headers: { 'www-authenticate': 'Bearer' } })
}
