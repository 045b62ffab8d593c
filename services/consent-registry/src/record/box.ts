import type { Statements } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { readBoxRows } from './record.sql.ts'

/** A child as one school names it to this registry. */
export type Ward = { readonly school: string; readonly ward: string }

const FIRST_PLACES = 8
const PLACES_PER_READ = 64
const MOST_CONSENTS = 4_096

/**
 * Where a new handle of a child may be put: the first places of its box, more of them with every attempt. Which one is free is
 * found by the insert, so that places fill up without gaps. The tags are counted out under a key: a dump shows neither how many a child has nor which belong together.
 */
export function boxPlaces(
  deps: Pick<Deps, 'keyring'>,
  child: Ward,
  handle: string,
  attempt: number,
): { tag: Buffer; sealedHandle: Buffer }[] {
  const count = Math.min(FIRST_PLACES ** (attempt + 1), MOST_CONSENTS)
  return Array.from({ length: count }, (_, n) => {
    const tag = boxTag(deps, child, n)
    return { tag, sealedHandle: deps.keyring.seal(handle, boxContext(tag)) }
  })
}

/** The handles of a child in the order in which they were put in. */
export async function openBox(deps: Pick<Deps, 'keyring'> & { db: Statements }, child: Ward): Promise<string[]> {
  const handles: string[] = []
  for (let from = 0; from < MOST_CONSENTS; from += PLACES_PER_READ) {
    const tags = Array.from({ length: PLACES_PER_READ }, (_, i) => boxTag(deps, child, from + i))
    const rows = new Map(
      (await readBoxRows(deps.db, tags)).map(({ tag, sealed_handle }) => [tag.toString('hex'), sealed_handle]),
    )
    for (const tag of tags) {
      const sealed = rows.get(tag.toString('hex'))
      if (sealed !== undefined) handles.push(deps.keyring.open(sealed, boxContext(tag)).toString('utf8'))
    }
    if (rows.size < PLACES_PER_READ) break
  }
  return handles
}

function boxTag(deps: Pick<Deps, 'keyring'>, { school, ward }: Ward, n: number): Buffer {
  return deps.keyring.mac('box', school, ward, String(n))
}

function boxContext(tag: Buffer): string {
  return `registry/box/${tag.toString('hex')}`
}
