import type { Db } from '@samen/pg-kit'
import type { Keyring } from '@samen/sealing'
import { listSchools, readSchool, readSchoolKeys } from './school.sql.ts'
import type { School, Schools } from './school.ts'
import { openSchoolKeys } from './school-keys.ts'

/** After this a school is read again, so that one process sees what another was granted. */
const REMEMBERED_MS = 30_000
/** Anybody may ask for names that no school has: together they cost one statement in this time, and no memory. */
const UNKNOWN_FOR_MS = 1_000
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** True for a name that a school can have: the last part of its entity id. */
export const isSlug = (text: string): boolean => SLUG.test(text)

interface Remembered {
  readonly school: School
  readonly at: number
}

interface Listing {
  readonly names: Promise<ReadonlySet<string>>
  readonly at: number
}

/**
 * Schools from memory, else from the database; each is read once even when many ask at the same time. While the database
 * is away the remembered ones stay good, so that signed documents are served without it.
 */
export function createSchoolStore(deps: { db: Db; keyring: Keyring; publicUrl: string; now: () => Date }): Schools {
  const remembered = new Map<string, Remembered>()
  const underway = new Map<string, Promise<School | undefined>>()
  const names = createNames(deps)
  let generation = 0

  const load = async (slug: string): Promise<School | undefined> => {
    const begun = generation
    const school = await openSchool(deps, slug)
    // What was read before somebody said "forget" may be what had to be forgotten.
    if (school !== undefined && begun === generation) remembered.set(slug, { school, at: deps.now().getTime() })
    return school
  }
  const loadOnce = (slug: string): Promise<School | undefined> => {
    const running = underway.get(slug) ?? load(slug).finally(() => underway.delete(slug))
    underway.set(slug, running)
    return running
  }
  const find = async (slug: string): Promise<School | undefined> => {
    if (!isSlug(slug)) return undefined
    const known = remembered.get(slug)
    if (known !== undefined && deps.now().getTime() - known.at < REMEMBERED_MS) return known.school
    if (known === undefined && !(await names.has(slug))) return undefined
    return loadOnce(slug).catch((error: unknown) => {
      if (known === undefined) throw error
      return known.school
    })
  }
  return {
    find,
    slugs: names.readAll,
    forget: (slug) => {
      generation += 1
      names.forget()
      remembered.delete(slug)
      underway.delete(slug)
    },
  }
}

/** The names of all schools, as they were read last. */
function createNames(deps: { db: Db; now: () => Date }) {
  let listing: Listing | undefined
  const list = (): Listing => {
    const names = listSchools(deps.db).then((slugs) => new Set(slugs))
    const made = { names, at: deps.now().getTime() }
    listing = made
    names.catch(() => {
      if (listing === made) listing = undefined
    })
    return made
  }
  return {
    has: async (slug: string): Promise<boolean> => {
      const held = listing
      if (held !== undefined && (await held.names).has(slug)) return true
      if (held !== undefined && deps.now().getTime() - held.at < UNKNOWN_FOR_MS) return false
      // Of many who ask at the same moment the first reads for all.
      const { names } = listing === undefined || listing === held ? list() : listing
      return (await names).has(slug)
    },
    readAll: async (): Promise<string[]> => [...(await list().names)],
    forget: (): void => {
      listing = undefined
    },
  }
}

async function openSchool(
  deps: { db: Db; keyring: Keyring; publicUrl: string },
  slug: string,
): Promise<School | undefined> {
  const db = deps.db.forTenant(slug)
  const [row, keyRows] = await Promise.all([readSchool(db, slug), readSchoolKeys(db, slug)])
  if (row === undefined) return undefined
  const keys = openSchoolKeys(deps.keyring, slug, keyRows)
  const { name, brin, sector, holiday_region: region } = row
  return {
    slug,
    entityId: `${deps.publicUrl}/schools/${slug}`,
    name,
    brin,
    sector,
    holidayRegion: region ?? undefined,
    ...keys,
    credentialKey: { ...keys.credentialKey, ...(row.x5c && { x5c: row.x5c }) },
    trustMarks: row.trust_marks ?? [],
  }
}
