import { decodeJwt } from '@samen/jwt-profile'
import { readStatusListToken, statusAt } from '@samen/status-list'
import { certifiedKeys, type Database, findBrokenRules, type Rules } from '@samen/test-kit'
import { appendBatch, openCheckpoint, tilePath } from '@samen/transparency-log'

/** What of a registry anybody can see. */
export interface SeenOfRegistry {
  readonly publicUrl: string
  /** the authority that certifies the key of the lists */
  readonly caPem: string
  readonly now: () => Date
  /** the body at an address of the registry, whatever its status */
  readonly get: (url: string) => Promise<string>
}

/** The places that the world is told are revoked. */
const TOLD = `(select list, idx::integer from outside, jsonb_each(seen -> 'revoked') as l (list, places),
  jsonb_array_elements_text(places) as p (idx)) as told`

/** Each consent stands at one place, which says whether it lives; each was decided by somebody; all that happened is logged. */
const RULES: Rules = {
  'a place in a list was given to two consents': `
    select concat_ws(' ', list, list_index) as what from consent_request where list is not null
    group by list, list_index having count(*) > 1`,
  'a place is taken and belongs to no consent, or lies in no list': `
    select concat_ws(' ', i.list, i.idx) as what from consent_index i left join consent_list l on l.id = i.list
    left join consent_request r on r.list = i.list and r.list_index = i.idx
    where r.handle is null or l.id is null or i.idx not between 0 and l.size - 1`,
  'a consent that lives is revoked, or has no place': `
    select r.handle as what from consent_request r left join consent_index i on i.list = r.list and i.idx = r.list_index
    where r.state = 'given' and i.revoked is distinct from false`,
  'a consent that ended is not revoked': `
    select r.handle as what from consent_request r left join consent_index i on i.list = r.list and i.idx = r.list_index
    where r.given_at is not null and r.state <> 'given' and i.revoked is distinct from true`,
  // A no that comes a second after the last yes withdraws.
  'a consent was given, refused or withdrawn by nobody': `
    select distinct r.handle as what from consent_request r join (values ('given', array['yes']), ('refused', array['no']),
      ('withdrawn', array['yes']), ('withdrawn', array['no', 'withdraw'])) as needed (state, words) using (state)
    where not exists (select from decision d where d.handle = r.handle and d.word = any (needed.words))`,
  'the log holds less, or more, than what happened to a request': `
    select r.handle as what from consent_request r
    where (select count(*) from log_event e where e.handle = r.handle) <>
      1 + (select count(*) from decision d where d.handle = r.handle)
      + num_nonnulls(r.closed_at, r.deletion_overdue_at, r.deletion_confirmed_at)`,
  'the log holds fewer events than there are purposes and agreements': `
    select count(*)::text as what from log_event where handle is null
    having count(*) < (select count(*) from purpose) + (select count(*) from agreement)`,
  'an event waits in vain for its place in the log': `select id as what from log_event where idx is null`,
  // Without its list a receipt is refused, so a closed list in which nothing lives may be gone.
  'a list of consents is not published': `
    select l.id as what from consent_list l, outside where not seen -> 'revoked' ? l.id
      and (l.closed_at is null or exists (select from consent_index i where i.list = l.id and not i.revoked))`,
  'what a published list says is revoked, is not what is revoked': `
    select concat_ws(' ', list, idx) as what
    from (select i.list, i.idx from consent_index i, outside where i.revoked and seen -> 'revoked' ? i.list) as mine
    full join ${TOLD} using (list, idx) where mine.* is null or told.* is null`,
}

/**
 * Compares what a registry has stored with what it has published, and builds its log again. Gives a sentence for each thing that is wrong;
 * none when all is well. The database is asked as a superuser, and nothing is changed. A registry that is busy may need a moment until all
 * is well: the log and the lists are signed by timers.
 */
export async function checkRegistry(database: Database, seen: SeenOfRegistry): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>('select id from consent_list')
  const published = await Promise.all(rows.map(({ id }) => readPublished(seen, id)))
  const broken = await findBrokenRules(database, RULES, { revoked: Object.fromEntries(published.flat()) })
  return [...broken, ...(await checkLog(database, seen))]
}

/** A list with its revoked places, as a verifier would read it; nothing when no verifier would believe it. */
async function readPublished(
  { publicUrl, caPem, now, get }: SeenOfRegistry,
  id: string,
): Promise<[string, number[]][]> {
  const uri = `${publicUrl}/consent-lists/${id}`
  const token = await get(uri)
  try {
    const list = readStatusListToken(token, { uri, keyFor: certifiedKeys(caPem, now), now: now() })
    if (list.owner !== publicUrl) return []
    return [[id, Array.from({ length: list.size }, (_, idx) => idx).filter((idx) => statusAt(list, idx) === 1)]]
  } catch {
    return []
  }
}

/** Builds the tree over all events anew: it has to be that of the stored tiles and of the head that is published. RFC6962#section-2.1 */
async function checkLog(database: Database, { publicUrl, get }: SeenOfRegistry): Promise<string[]> {
  const { rows: events } = await database.query<{ commitment: Buffer; idx: string }>(
    'select commitment, idx from log_event where idx is not null order by idx',
  )
  const commitments = events.map(({ commitment }) => commitment)
  const { size, root, tiles } = appendBatch({ size: 0, tiles: new Map() }, commitments)
  const stored = await readTiles(database)
  const areSame = stored.size === tiles.size && [...tiles].every(([path, bytes]) => stored.get(path)?.equals(bytes))
  const { payload } = decodeJwt(await get(`${publicUrl}/.well-known/openid-federation`), { maxBytes: 65_536 })
  const { samen_consent_registry: own } = payload['metadata'] as {
    samen_consent_registry: { log_verifier_key: string }
  }
  const head = openCheckpoint(await get(`${publicUrl}/log/checkpoint`), own.log_verifier_key)
  return [
    ...(events.every(({ idx }, place) => Number(idx) === place) ? [] : ['the places in the log have a gap']),
    ...(areSame ? [] : ['the tiles of the log are not those of its events']),
    ...(head.size === size && head.root.equals(root) ? [] : ['the log does not build to its signed root']),
  ]
}

/** The stored tiles under the paths at which they are served. */
async function readTiles(database: Database): Promise<Map<string, Buffer>> {
  const { rows } = await database.query<{ level: number; idx: string; bytes: Buffer }>(
    'select level, idx, bytes from log_tile',
  )
  return new Map(
    rows.map(({ level, idx, bytes }) => {
      const [name, itemBytes] = level < 0 ? (['entries', 34] as const) : ([level, 32] as const)
      return [tilePath({ level: name, index: Number(idx), width: bytes.length / itemBytes }), bytes]
    }),
  )
}
