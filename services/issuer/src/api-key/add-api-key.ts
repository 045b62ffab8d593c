import { Problem } from '@samen/errors'
import { audit, type IdempotentReply, type IdempotentRequest, issueApiKey, withIdempotency } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { Caller, SchoolScope } from '../school/authenticate-school.ts'
import { lockKeys, readKeys } from './api-key.sql.ts'

const MOST_KEYS = 20

/** Adds a key with these scopes to those of a school. It is in the answer and nowhere else. Throws Problem 409 `too-many-keys`. */
export async function addApiKey(
  deps: Deps,
  { school, keyId }: Caller,
  scopes: readonly SchoolScope[],
  idempotency: Pick<IdempotentRequest, 'key' | 'requestHash'>,
): Promise<IdempotentReply> {
  const { slug: tenant } = school
  const now = deps.now()
  const request = { ...idempotency, tenant, sealing: deps.keyring, now }
  return withIdempotency(deps.db.forTenant(tenant), request, async (tx) => {
    // Counted again once it is our turn: whoever waits does not see what was added meanwhile.
    await lockKeys(tx, tenant)
    if ((await readKeys(tx, tenant)).length >= MOST_KEYS)
      throw new Problem(409, 'too-many-keys', 'The school has as many keys as it may; delete one first')
    const { id, apiKey } = await issueApiKey(tx, { tenant, scopes })
    await audit(tx, { tenant, at: now, actor: keyId, action: 'api-key.added', object: id, outcome: 'ok' })
    return { status: 201, body: { id, scopes, api_key: apiKey } }
  })
}
