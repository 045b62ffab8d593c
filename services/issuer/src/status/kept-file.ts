import { open, readFile, rename } from 'node:fs/promises'
import type { Deps } from '../deps.ts'

/** The content of a file; undefined when there is none. Rejects when it cannot be read. */
export async function readKeptFile(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Puts content in the place of what the file held, readable for its owner only. A crash, or another process that does the
 * same at the same moment, leaves the content of one of them, whole and on disk.
 */
export async function replaceKeptFile(
  { random }: Pick<Deps, 'random'>,
  file: string,
  content: Buffer | string,
): Promise<void> {
  const draft = `${file}.${random(8).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
}
