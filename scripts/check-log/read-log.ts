import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FetchTile } from '@samen/transparency-log'
import { CheckFault, UNREACHABLE } from './advice.ts'

const MAX_RESPONSE_BYTES = 65_536
const TIMEOUT_MILLISECONDS = 10_000

/** The head that the log shows now (TLOG#checkpoints). Throws CheckFault. */
export async function readHead(read: FetchTile): Promise<string> {
  const bytes = await read('checkpoint')
  if (bytes === undefined) throw new CheckFault(UNREACHABLE, 'there is no signed head at this address')
  return bytes.toString('utf8')
}

/** A log at an address, or a copy of it in a folder with the same paths. Throws CheckFault. */
export function openLog(source: string): FetchTile {
  if (/^https?:/.test(source)) return (path) => download(`${source.replace(/\/$/, '')}/${path}`)
  const folder = source.startsWith('file:') ? fileURLToPath(source) : source
  if (!existsSync(folder)) throw new CheckFault(UNREACHABLE, `there is no log at ${source}`)
  return async (path) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined)
}

async function download(url: string): Promise<Buffer | undefined> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) })
    if (response.status === 404) return undefined
    if (!response.ok) throw new Error(`status ${response.status}`)
    return await readBounded(response)
  } catch (cause) {
    throw new CheckFault(UNREACHABLE, `${url} cannot be read: ${(cause as Error).message}`, cause)
  }
}

async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MAX_RESPONSE_BYTES) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
