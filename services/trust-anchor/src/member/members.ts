import { ProtocolError } from '@samen/errors'
import type { Db } from '@samen/pg-kit'
import type { AnchorKeys } from '../anchor/anchor-keys.ts'
import { createDocuments, type Documents } from './documents.ts'
import { type MemberRow, readDirectoryVersion, readMembers } from './member.sql.ts'

/** A member as the anchor publishes it. */
export interface KnownMember extends MemberRow {
  /** `x5c` by key id */
  readonly certificates: Readonly<Record<string, readonly string[]>>
}

/**
 * The members in memory, with the documents signed about them: a public request costs neither a statement nor, mostly, a signature.
 * `all` and `find` throw ProtocolError 503 when nothing was heard from the database for a minute: an expulsion elsewhere could have
 * been missed, and a member that is none would be vouched for anew.
 */
export interface Members extends Documents {
  all(): readonly KnownMember[]
  find(entityId: string): KnownMember | undefined
  /** Looks whether anything changed since the last time, and reads it then. */
  reload(): Promise<void>
}

interface Directory {
  readonly version: string
  readonly members: ReadonlyMap<string, KnownMember>
  readonly documents: Documents
}

const LONGEST_SILENCE_MS = 60_000

interface Source {
  readonly db: Db
  readonly keys: AnchorKeys
  readonly entityId: string
  readonly now: () => Date
}

/** Reads the directory for the first time. Throws DatabaseUnavailable. */
export async function openMembers(source: Source): Promise<Members> {
  let heardAt = source.now().getTime()
  let directory = await readDirectory(source)
  let reloaded: Promise<void> = Promise.resolve()
  const look = async () => {
    const askedAt = source.now().getTime()
    if ((await readDirectoryVersion(source.db)) !== directory.version) directory = await readDirectory(source)
    heardAt = askedAt
  }
  const fresh = () => {
    if (source.now().getTime() - heardAt > LONGEST_SILENCE_MS) throw unheard()
    return directory.members
  }
  return {
    all: () => [...fresh().values()],
    find: (entityId) => fresh().get(entityId),
    configuration: () => directory.documents.configuration(),
    statementAbout: (member) => directory.documents.statementAbout(member),
    markOf: (member, type) => directory.documents.markOf(member, type),
    reload() {
      // One after the other: a slow look that began before a change must not put the older picture back.
      reloaded = reloaded.catch(() => undefined).then(look)
      return reloaded
    },
  }
}

/** The version is read first: a change in between makes the next look read again, and is never overlooked. */
async function readDirectory(source: Source): Promise<Directory> {
  const version = await readDirectoryVersion(source.db)
  const members = new Map((await readMembers(source.db)).map((member) => [member.entity_id, member]))
  return { version, members, documents: createDocuments(source) }
}

function unheard(): ProtocolError {
  const headers = { 'retry-after': '5' }
  return new ProtocolError(503, 'temporarily_unavailable', 'the directory cannot be read', { headers })
}
