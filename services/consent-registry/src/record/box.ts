import type { Statements } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { readBoxRows } from './record.sql.ts'

/** A child as one school names it to this registry. */
export type Ward = { readonly school: string; readonly ward: string }

/** Where a handle may be put: the tags to try in their order, and what is stored under the one that is free. */
export type BoxPlaces = { readonly tags: readonly Buffer[]; readonly sealedHandle: Buffer }

const PLACES_TRIED = 16
const PLACES_PER_READ = 64
const MOST_CONSENTS = 4_096

/**
 * Places for a new handle of a child. Which one is free is found by the insert; the first time the lowest ones are offered,
 * after that (`retry`: somebody was faster, or they are all taken) the ones behind what is there, in an order of chance.
 * The tags are counted out under a key: a dump shows neither how many a child has nor which belong together.
 */
export async function findPlaces(
  deps: Pick<Deps, 'keyring' | 'random' | 'db'>,
  child: Ward,
  handle: string,
  retry: boolean,
): Promise<BoxPlaces> {
  const taken = retry ? (await openBox(deps, child)).length : 0
  const tags = Array.from({ length: PLACES_TRIED }, (_, n) => boxTag(deps, child, taken + n))
  const start = retry ? deps.random(1).readUInt8() % PLACES_TRIED : 0
  const sealedHandle = deps.keyring.seal(handle, boxContext(deps, child))
  return { tags: [...tags.slice(start), ...tags.slice(0, start)], sealedHandle }
}

/** The handles of a child, roughly in the order in which they were put in. */
export async function openBox(deps: Pick<Deps, 'keyring'> & { db: Statements }, child: Ward): Promise<string[]> {
  const context = boxContext(deps, child)
  const handles: string[] = []
  for (let from = 0; from < MOST_CONSENTS; from += PLACES_PER_READ) {
    const tags = Array.from({ length: PLACES_PER_READ }, (_, i) => boxTag(deps, child, from + i))
    const rows = new Map((await readBoxRows(deps.db, tags)).map((row) => [row.tag.toString('hex'), row.sealed_handle]))
    for (const tag of tags) {
      const sealed = rows.get(tag.toString('hex'))
      if (sealed !== undefined) handles.push(deps.keyring.open(sealed, context).toString('utf8'))
    }
    // A gap is never longer than the places that were offered at once.
    if (rows.size === 0) break
  }
  return handles
}

function boxTag(deps: Pick<Deps, 'keyring'>, { school, ward }: Ward, n: number): Buffer {
  return deps.keyring.mac('box', school, ward, String(n))
}

/** A row moved into another child's box does not open there. */
function boxContext(deps: Pick<Deps, 'keyring'>, { school, ward }: Ward): string {
  return `registry/box/${deps.keyring.mac('box-owner', school, ward).toString('hex')}`
}
