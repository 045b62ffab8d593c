import { Problem } from '@samen/errors'
import { audit, type IdempotentReply, issueApiKey, type Tx, withIdempotency } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { SCHOOL_SCOPES } from './authenticate-school.ts'
import { insertNodeSchool, insertSchool, insertSchoolKey } from './school.sql.ts'
import type { HolidayRegion, Sector } from './school.ts'
import { generateSchoolKeys, sealSchoolKeys } from './school-keys.ts'

export interface NewSchool {
  readonly slug: string
  readonly name: string
  readonly brin: string
  readonly sector: Sector
  readonly holidayRegion: HolidayRegion | undefined
}

/**
 * Makes a tenant: its row, its keys (generated here, stored sealed) and its first API key, in one transaction. The reply
 * is kept sealed for a day under the idempotency key, since the API key is shown only once.
 * Throws Problem 409 `school-exists` when the name or the BRIN is taken.
 */
export async function createSchool(
  deps: Deps,
  school: NewSchool,
  request: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const idempotent = { ...request, tenant: school.slug, sealing: deps.keyring, now: deps.now() }
  const reply = await withIdempotency(deps.db.forTenant(school.slug), idempotent, async (tx) => {
    const apiKey = await insertTenant(deps, tx, school)
    return { status: 201, body: { entity_id: `${deps.publicUrl}/schools/${school.slug}`, api_key: apiKey } }
  })
  deps.schools.forget(school.slug)
  return reply
}

async function insertTenant(deps: Deps, tx: Tx, school: NewSchool): Promise<string> {
  const { slug: tenant } = school
  const now = deps.now()
  const isNew = (await insertNodeSchool(tx, tenant)) && (await insertSchool(tx, school, now))
  if (!isNew) throw new Problem(409, 'school-exists', 'This node has a school with this name or this BRIN')
  for (const { purpose, sealed } of sealSchoolKeys(deps.keyring, tenant, generateSchoolKeys(deps.random)))
    await insertSchoolKey(tx, { tenant, purpose, sealed, now })
  const { apiKey } = await issueApiKey(tx, { tenant, scopes: SCHOOL_SCOPES })
  await audit(tx, { tenant, at: now, actor: 'operator', action: 'school.created', object: tenant, outcome: 'ok' })
  return apiKey
}
