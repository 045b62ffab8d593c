import { setImmediate as nextTurn } from 'node:timers/promises'
import { compressStatusList, newBits, type StatusBits, signStatusListToken } from '@samen/status-list'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { visitSchools } from '../school/visit-schools.ts'
import { revokeAllBut, revokeAt, revokedPlacesIn } from './list-bits.ts'
import {
  closeWhenHalfFull,
  type ListRow,
  openList,
  readLists,
  readRevokedPlaces,
  readTakenPlaces,
  takeSigningTurn,
} from './status.sql.ts'

/** Places in one list: 16 kB of bits, enough for a school, and a crowd to hide in from the first copy on. */
const LIST_SIZE = 2 ** 17
/** How long a verifier may rely on a fetched list before it asks again. TSL#status-list-token-jwt */
export const LIST_TTL_SECONDS = 30
/** How long a cache between us may hand out the same bytes. */
export const LIST_MAX_AGE_SECONDS = 5
/** How often a process looks for what another one has revoked; its own it publishes at once. */
export const LOOK_FOR_CHANGES_SECONDS = 5
/** All three one after the other: after this nobody who follows the rules takes a revoked copy. TSL#security-ttl */
export const REVOKED_EVERYWHERE_SECONDS = LOOK_FOR_CHANGES_SECONDS + LIST_MAX_AGE_SECONDS + LIST_TTL_SECONDS
/**
 * A verifier that cannot reach us refuses after this. Minutes, since whoever holds a revoked copy may also be able to cut the verifier
 * off; enough of them for a restart of the node.
 */
const LIST_LIFETIME_SECONDS = 900
/** A list is signed again well before it dies, so that a slow timer costs nobody anything. */
const RESIGN_AFTER_SECONDS = 180
/** Two versions never share a second, so a flood of changes signs for seconds to come: fewer than a verifier's clock may be off. */
const SIGNED_AHEAD_AT_MOST_MS = 20_000
const MISS_PAUSE_MS = 1_000

export interface PublishedList {
  /** `application/statuslist+jwt` */
  readonly token: string
  /** names these very bytes, with quotes */
  readonly etag: string
}

/** The lists of all schools, in memory as they are published; the database is behind them and not in front. */
export interface StatusLists {
  /** the list that takes new copies of this school, made when there is none */
  openList(school: School): Promise<string>
  /** forgets which list takes new copies; closes it when half of it is taken */
  roll(school: School, list: string): Promise<void>
  /** as published; undefined for a list that this school does not have */
  find(school: School, id: string): Promise<PublishedList | undefined>
  /** to be called after a commit that revoked something: publishes soon, off the request path */
  touch(school: School): void
  /** what changed in the database, and what grows old; for a timer and for the start */
  refreshAll(): Promise<void>
  /** waits for what is being published, so that nothing of it is left half done when the database goes */
  settle(): Promise<void>
}

interface HeldList extends PublishedList {
  readonly version: string
  /** as published: a bit that was set here stays set, whatever the database has forgotten */
  readonly bits: StatusBits
  readonly isFenced: boolean
  readonly issuedAt: Date
  readonly kid: string
}

interface HeldSchool {
  readonly lists: Map<string, HeldList>
  open: string | undefined
  refreshedAt: number
  /** the refresh that runs, and whether another must follow it */
  running: Promise<void> | undefined
  again: boolean
}

type Needs = Pick<Deps, 'db' | 'now' | 'random' | 'schools' | 'publishedBits' | 'log'>

/** The address of a list, as it stands in every copy that is in it. */
export const listUri = (school: Pick<School, 'entityId'>, id: string): string => `${school.entityId}/status-lists/${id}`

/** Opens the lists of this process. Nothing is read before it is asked for. */
export function createStatusLists(deps: Needs): StatusLists {
  const held = new Map<string, HeldSchool>()
  const heldOf = (school: School): HeldSchool => {
    const known = held.get(school.slug)
    if (known !== undefined) return known
    const fresh: HeldSchool = { lists: new Map(), open: undefined, refreshedAt: 0, running: undefined, again: false }
    held.set(school.slug, fresh)
    return fresh
  }
  return {
    openList: (school) => openListOf(deps, school, heldOf(school)),
    roll: (school, list) => rollList(deps, school, heldOf(school), list),
    find: (school, id) => findList(deps, school, heldOf(school), id),
    touch: (school) => {
      refresh(deps, school, heldOf(school)).catch((err: unknown) =>
        deps.log.error({ err }, 'status list not published'),
      )
    },
    async refreshAll() {
      await visitSchools(deps, 'publish-status-lists', async (slug) => {
        const school = await deps.schools.find(slug)
        if (school !== undefined) await refresh(deps, school, heldOf(school))
      })
    },
    settle: async () => void (await Promise.allSettled([...held.values()].map(({ running }) => running))),
  }
}

async function openListOf(deps: Needs, school: School, held: HeldSchool): Promise<string> {
  if (held.open !== undefined) return held.open
  const list = { id: deps.random(16).toString('base64url'), size: LIST_SIZE, now: deps.now() }
  const open = () => openList(deps.db.forTenant(school.slug), school.slug, list)
  // Whoever waited for another to make the list sees it only with the next statement.
  const found = (await open()) ?? (await open())
  if (found === undefined) throw new Error('no list could be opened')
  const { id } = found
  // A copy may not point at a list that nobody can fetch yet.
  await refresh(deps, school, held)
  held.open = id
  return id
}

async function rollList(deps: Needs, school: School, held: HeldSchool, list: string): Promise<void> {
  await closeWhenHalfFull(deps.db.forTenant(school.slug), school.slug, list)
  held.open = undefined
}

async function findList(deps: Needs, school: School, held: HeldSchool, id: string): Promise<PublishedList | undefined> {
  const known = held.lists.get(id)
  if (known !== undefined) return known
  // Another process may have opened it just now. Anybody may ask for anything, so the database is asked once a second at most.
  if (deps.now().getTime() - held.refreshedAt < MISS_PAUSE_MS) return undefined
  await refresh(deps, school, held)
  return held.lists.get(id)
}

/** One refresh of a school at a time; who asks during one gets a further one that starts after it. */
function refresh(deps: Needs, school: School, held: HeldSchool): Promise<void> {
  if (held.running !== undefined) {
    held.again = true
    return held.running
  }
  held.running = refreshUntilQuiet(deps, school, held)
  return held.running
}

async function refreshUntilQuiet(deps: Needs, school: School, held: HeldSchool): Promise<void> {
  try {
    do {
      held.again = false
      await nextTurn()
      await refreshOnce(deps, school, held)
    } while (held.again)
  } finally {
    // In the same turn as the last look at `again`: nobody can ask in between and be forgotten.
    held.running = undefined
  }
}

async function refreshOnce(deps: Needs, school: School, held: HeldSchool): Promise<void> {
  // Without a certificate nobody could check the signature, and nothing can have been issued.
  if (school.credentialKey.x5c === undefined) return
  held.refreshedAt = deps.now().getTime()
  const rows = await readLists(deps.db.forTenant(school.slug), school.slug)
  held.open = rows.find((row) => row.is_open)?.id
  const ids = new Set(rows.map(({ id }) => id))
  for (const id of held.lists.keys()) if (!ids.has(id)) held.lists.delete(id)
  for (const row of rows) {
    const known = held.lists.get(row.id)
    if (known !== undefined && known.version === row.version && !isOld(known, school, deps.now())) continue
    const published = await publish(deps, school, row, known)
    if (published !== undefined) held.lists.set(row.id, published)
  }
}

function isOld(list: HeldList, school: School, now: Date): boolean {
  return list.kid !== school.credentialKey.kid || now.getTime() - list.issuedAt.getTime() > RESIGN_AFTER_SECONDS * 1000
}

/** Nothing when the list was signed for seconds ahead already; a later look then publishes what changed meanwhile. */
async function publish(
  deps: Needs,
  school: School,
  row: ListRow,
  known: HeldList | undefined,
): Promise<HeldList | undefined> {
  const now = deps.now()
  const aheadUntil = new Date(now.getTime() + SIGNED_AHEAD_AT_MOST_MS)
  const turn = await takeSigningTurn(deps.db.forTenant(school.slug), school.slug, { id: row.id, now, aheadUntil })
  if (turn === undefined) return undefined
  const bits = known?.bits ?? (await openBits(deps, row))
  if (known?.version !== turn.version) await revokeKnown(deps, school, row.id, bits)
  if (turn.is_fenced && known?.isFenced !== true) await revokeUnknown(deps, school, row.id, bits)
  await keep(deps, row.id, bits)
  const { signed_at: issuedAt, version, is_fenced: isFenced } = turn
  const token = signStatusListToken({
    key: school.credentialKey,
    uri: listUri(school, row.id),
    bits: 1,
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + LIST_LIFETIME_SECONDS * 1000),
    ttlSeconds: LIST_TTL_SECONDS,
    compressed: compressStatusList(bits),
  })
  const etag = `"${version}-${issuedAt.getTime() / 1000}"`
  return { token, etag, version, bits, isFenced, issuedAt, kid: school.credentialKey.kid }
}

async function openBits(deps: Needs, { id, size }: ListRow): Promise<StatusBits> {
  const bits = newBits(size, 1)
  const bytes = await deps.publishedBits.read(id)
  if (bytes !== undefined) revokeAt(bits, revokedPlacesIn({ bits: 1, size, bytes }))
  return bits
}

async function revokeKnown(deps: Needs, school: School, list: string, bits: StatusBits): Promise<void> {
  const rows = await readRevokedPlaces(deps.db.forTenant(school.slug), school.slug, list)
  revokeAt(
    bits,
    rows.map(({ idx }) => idx),
  )
}

/** A copy whose place the database has forgotten can be revoked by nobody, so it may not be valid until it expires. */
async function revokeUnknown(deps: Needs, school: School, list: string, bits: StatusBits): Promise<void> {
  const rows = await readTakenPlaces(deps.db.forTenant(school.slug), school.slug, list)
  revokeAllBut(
    bits,
    rows.map(({ idx }) => idx),
  )
}

/** A full disk may not stop a revocation from being published; the next signature tries again. */
async function keep(deps: Needs, list: string, bits: StatusBits): Promise<void> {
  try {
    await deps.publishedBits.add(list, bits.bytes)
  } catch (err) {
    deps.log.error({ err, task: 'publish-status-lists' }, 'published bits could not be kept')
  }
}
