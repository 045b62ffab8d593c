import { readStatusListToken, statusAt } from '@samen/status-list'
import { certifiedKeys, type Database, findBrokenRules, type Rules } from '@samen/test-kit'
import { BATCH_SIZE } from '../../src/metadata/credential-types.ts'
import type { Place } from './list-reader.ts'

/** What of an issuer anybody can see, and what wallets got from it. */
export interface SeenOfIssuer {
  readonly publicUrl: string
  /** the authority that certifies the keys of the schools */
  readonly caPem: string
  readonly now: () => Date
  /** the body at an address of the issuer, whatever its status */
  readonly get: (url: string) => Promise<string>
  /** where copies stand that wallets have */
  readonly held: readonly Place[]
  /** whether these are all copies that any wallet has */
  readonly isAllHeld: boolean
}

/** The places that the world is told are revoked. */
const TOLD = `(select list, idx::integer from outside, jsonb_each(seen -> 'revoked') as l (list, places),
  jsonb_array_elements_text(places) as p (idx)) as told`
const HELD = `(select list, idx from outside, jsonb_to_recordset(seen -> 'held') as h (list text, idx integer)) as held`
/** With how many copies of each credential an offer begins. */
const COPIES = 2 * BATCH_SIZE

/** No index twice, no code twice, nothing signed without intent, all that is revoked published: of all schools of one database. */
const RULES: Rules = {
  'a place in a list was given twice': `
    select concat_ws(' ', list, idx) as what from status_index group by tenant, list, idx having count(*) > 1`,
  'a place lies in no list': `
    select concat_ws(' ', s.list, s.idx) as what from status_index s
    left join status_list l on l.tenant = s.tenant and l.id = s.list where l.id is null or s.idx not between 0 and l.size - 1`,
  'a key of a holder is in two copies': `
    select string_agg(issuance, ' and ') as what from status_index group by tenant, key_tag having count(*) > 1`,
  'a code was used twice': `
    select object as what from audit_event where action = 'offer.redeemed' and outcome = 'ok'
    group by tenant, object having count(*) > 1`,
  'a code gave two tokens': `
    select offer as what from access_token group by tenant, offer having count(*) > 1`,
  'a token lives whose code was not used': `
    select t.offer as what from access_token t
    left join offer o on o.tenant = t.tenant and o.id = t.offer where o.state is distinct from 'redeemed'`,
  'copies were issued without a used code': `
    select i.id as what from issuance i where not exists (
      select from audit_event a where a.tenant = i.tenant and a.object = i.offer
        and a.action = 'offer.redeemed' and a.outcome = 'ok')`,
  'a place was taken without an intent': `
    select concat_ws(' ', s.list, s.idx) as what from status_index s
    left join issuance i on i.tenant = s.tenant and i.id = s.issuance where i.id is null`,
  'copies were handed over without an intent': `
    select a.object as what from audit_event a
    left join issuance i on i.tenant = a.tenant and i.id = a.object where a.action = 'credential.issued' and i.id is null`,
  'copies that were handed over have no place, or one too many': `
    select i.id as what from issuance i left join status_index s on s.tenant = i.tenant and s.issuance = i.id
    group by i.tenant, i.id having count(s.idx) > i.copies or (i.state = 'delivered' and count(s.idx) < i.copies)`,
  'copies were neither handed over nor taken back': `select id as what from issuance where state = 'intended'`,
  'the journal does not say that copies were handed over, or taken back': `
    select i.id as what from issuance i where i.state <> 'intended' and not exists (
      select from audit_event a where a.tenant = i.tenant and a.object = i.id
        and a.action = case i.state when 'delivered' then 'credential.issued' else 'credential.revoked' end)`,
  'an offer counts other copies than it gave': `
    select concat_ws(' ', o.id, c.name) as what from offer o, unnest(o.configurations, o.copies_left) as c (name, unused)
    where ${COPIES} - c.unused <> (select coalesce(sum(i.copies), 0) from issuance i
      where i.tenant = o.tenant and i.offer = o.id and i.configuration = c.name)`,
  'an offer about a pupil who left still stands': `
    select id as what from offer where pupil is null and state in ('open', 'redeemed')`,
  'a copy about a pupil who left is not revoked': `
    select i.id as what from issuance i join offer o on o.tenant = i.tenant and o.id = i.offer
    where o.pupil is null and i.state <> 'revoked'`,
  'a list is not published by its school': `
    select id as what from status_list, outside where not seen -> 'revoked' ? id`,
  'a revoked copy is not revoked in the published list': `
    select concat_ws(' ', s.list, s.idx) as what from issuance i
    join status_index s on s.tenant = i.tenant and s.issuance = i.id
    left join ${TOLD} on told.list = s.list and told.idx = s.idx where i.state = 'revoked' and told.idx is null`,
  'a copy that is not revoked is revoked in the published list': `
    select concat_ws(' ', s.list, s.idx) as what from issuance i
    join status_index s on s.tenant = i.tenant and s.issuance = i.id
    join ${TOLD} on told.list = s.list and told.idx = s.idx where i.state <> 'revoked'`,
  'a place of nobody is revoked in the published list': `
    select concat_ws(' ', l.id, told.idx) as what from status_list l join ${TOLD} on told.list = l.id
    left join status_index s on s.tenant = l.tenant and s.list = l.id and s.idx = told.idx
    where s.idx is null and not l.is_fenced`,
  // It may be that of a copy which the database has forgotten, and nobody could revoke that.
  'a place of nobody is valid in a list from before the database was set back': `
    select concat_ws(' ', l.id, place) as what from status_list l cross join generate_series(0, l.size - 1) as place
    left join status_index s on s.tenant = l.tenant and s.list = l.id and s.idx = place
    left join ${TOLD} on told.list = l.id and told.idx = place
    where l.is_fenced and s.idx is null and told.idx is null`,
  'a wallet has a copy that the school does not know': `
    select concat_ws(' ', held.list, held.idx) as what from ${HELD}
    left join status_index s on s.list = held.list and s.idx = held.idx where s.idx is null`,
  'copies count as handed over that no wallet has': `
    select i.id as what from outside, issuance i join status_index s on s.tenant = i.tenant and s.issuance = i.id
    left join ${HELD} on held.list = s.list and held.idx = s.idx
    where (seen -> 'is_all_held')::boolean and i.state = 'delivered' and held.idx is null`,
}

/**
 * Compares what an issuer has stored with what it has published and handed out. Gives a sentence for each thing that is wrong, for all of its
 * schools; none when all is well. The database is asked as a superuser, and nothing is changed. An issuer that is busy may need a moment
 * until all is well: what was cut off is taken back by a timer, and what was revoked is published soon after.
 */
export async function checkIssuer(database: Database, seen: SeenOfIssuer): Promise<string[]> {
  const { rows } = await database.query<{ tenant: string; id: string }>('select tenant, id from status_list')
  const published = await Promise.all(rows.map(({ tenant, id }) => readPublished(seen, tenant, id)))
  return findBrokenRules(database, RULES, {
    revoked: Object.fromEntries(published.flat()),
    held: seen.held.map(({ uri, idx }) => ({ list: uri.split('/').at(-1), idx })),
    is_all_held: seen.isAllHeld,
  })
}

/** A list with its revoked places, as a verifier would read it; nothing when no verifier would believe it. */
async function readPublished(seen: SeenOfIssuer, school: string, id: string): Promise<[string, number[]][]> {
  const { publicUrl, caPem, now, get } = seen
  const entityId = `${publicUrl}/schools/${school}`
  const uri = `${entityId}/status-lists/${id}`
  const token = await get(uri)
  try {
    const list = readStatusListToken(token, { uri, keyFor: certifiedKeys(caPem, now), now: now() })
    if (list.owner !== entityId) return []
    return [[id, Array.from({ length: list.size }, (_, idx) => idx).filter((idx) => statusAt(list, idx) === 1)]]
  } catch {
    return []
  }
}
