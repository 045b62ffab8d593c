import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readKeptFile, replaceKeptFile } from '@samen/sealing'

/**
 * The bits of each list as they were published, outside the database: a database that was set back has forgotten
 * revocations, and what was revoked once is never valid again.
 */
export interface PublishedBits {
  /** undefined for a list in which nothing was revoked yet */
  read(list: string): Promise<Buffer | undefined>
  /** Adds what is revoked now. Nothing is taken away, also when another process knows of more. */
  add(list: string, bytes: Buffer): Promise<void>
  /** for a list all of whose copies have expired */
  forget(list: string): Promise<void>
}

/** Opens the directory of the lists; it is made at the first revocation, with a file for each list. */
export function openPublishedBits(directory: string): PublishedBits {
  const read = (list: string) => readKeptFile(join(directory, list))
  return {
    read,
    async add(list, bytes) {
      const kept = (await read(list)) ?? Buffer.alloc(bytes.length)
      const both = Buffer.from(kept.map((byte, at) => byte | (bytes[at] ?? 0)))
      if (both.equals(kept)) return
      await replaceKeptFile(join(directory, list), both, 'owner')
    },
    forget: (list) => rm(join(directory, list), { force: true }),
  }
}
