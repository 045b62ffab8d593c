import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceKeptFile } from '@samen/sealing'

/** Which keys were deleted, outside the database: one that was set back has forgotten it, and a key is deleted because it leaked. */
export interface DeletedKeys {
  add(school: string, id: string): Promise<void>
  read(school: string): Promise<ReadonlySet<string>>
}

/** Opens the directory of the ids; it is made at the first deletion, with an empty file for each, so that two processes lose none. */
export function openDeletedKeys(directory: string): DeletedKeys {
  return {
    add: (school, id) => replaceKeptFile(join(directory, school, id), '', 'owner'),
    async read(school) {
      try {
        return new Set(await readdir(join(directory, school)))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Set()
        throw error
      }
    },
  }
}
