import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readKeptFile, replaceKeptFile } from './kept-file.ts'

/**
 * The bits of each list as they were published last, outside the database: a database that was set back has forgotten
 * revocations, and what was revoked once is never valid again.
 */
export interface PublishedBits {
  /** undefined for a list that was never published from here */
  read(list: string): Promise<Buffer | undefined>
  write(list: string, bytes: Buffer): Promise<void>
}

/** Opens the directory of the lists; it is made at the first write, with a file for each list. */
export function openPublishedBits(directory: string): PublishedBits {
  return {
    read: (list) => readKeptFile(join(directory, list)),
    async write(list, bytes) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await replaceKeptFile(join(directory, list), bytes)
    },
  }
}
