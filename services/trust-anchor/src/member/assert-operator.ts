import { timingSafeEqual } from 'node:crypto'
import { Problem } from '@samen/errors'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'

/** Only the operator of the federation may go on. Throws Problem 401 `unauthorized`. */
export function assertOperator(deps: Pick<Deps, 'operatorKeyHash'>, key: string | undefined): void {
  if (key !== undefined && timingSafeEqual(hashSecret(key), deps.operatorKeyHash)) return
  throw new Problem(401, 'unauthorized', 'The operator key is missing or wrong', {
    detail: 'Send the content of the file operator-key as Authorization: Bearer',
    headers: { 'www-authenticate': 'Bearer' },
  })
}
