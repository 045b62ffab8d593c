import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pooledRandom } from './pooled-random.ts'
import { hasCode } from './private-file.ts'

/** The content of a file; undefined when there is none. Rejects with the error of the system when it cannot be read. */
export async function readKeptFile(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * Puts content in the place of what a file held. A crash, or another process that does the same at the same moment, leaves the content of
 * one of them, whole and on disk. `readers`: who may read it. Rejects with the error of the system.
 */
export async function replaceKeptFile(
  file: string,
  content: Buffer | string,
  readers: 'owner' | 'everybody',
): Promise<void> {
  const [fileMode, folderMode] = readers === 'owner' ? [0o600, 0o700] : [0o644, 0o755]
  await mkdir(dirname(file), { recursive: true, mode: folderMode })
  const draft = `${file}.${pooledRandom(8).toString('hex')}`
  try {
    await writeDurably(draft, content, fileMode)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await syncFolder(dirname(file))
}

async function writeDurably(file: string, content: Buffer | string, mode: number): Promise<void> {
  const handle = await open(file, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
