import { type Duplex, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'
import { KNOWN_FILES } from './oneroster-files.ts'
import { RosterRefusal } from './roster-refusal.ts'

/** What a delivery may unpack to. A board of 60 schools is some 40 MB. */
export interface ZipLimits {
  readonly entries: number
  readonly fileBytes: number
  readonly totalBytes: number
}

export const ZIP_LIMITS: ZipLimits = { entries: 40, fileBytes: 192 * 1024 * 1024, totalBytes: 256 * 1024 * 1024 }

export interface RosterZip {
  /** the OneRoster names of the files, without `.csv` */
  readonly names: ReadonlySet<string>
  /**
   * Unpacks one file through `parser` into `consume`. Throws what these two throw, else RosterRefusal `damaged-zip` when the
   * bytes are not the ones announced, so what was consumed counts only after this has returned.
   */
  read<T>(name: string, parser: Duplex, consume: (records: AsyncIterable<T>) => Promise<void>): Promise<void>
}

/**
 * Opens a zip in memory without unpacking it. Nothing is ever written to a disk, and a name is only ever compared with the
 * list of OneRoster's own names, so that no path in it can lead anywhere.
 * Throws RosterRefusal `damaged-zip`, `too-large` or `unexpected-file`.
 */
export async function openRosterZip(bytes: Buffer, limits: ZipLimits): Promise<RosterZip> {
  const zip = await orDamaged(() => fromBufferPromise(bytes, { strictFileNames: true, validateEntrySizes: true }))
  if (zip.entryCount > limits.entries) throw new RosterRefusal('too-large')
  const entries = new Map<string, Entry>()
  for (const entry of await orDamaged(() => Array.fromAsync(zip.eachEntry()))) {
    const name = assertRosterFile(entry)
    if (entries.has(name)) throw new RosterRefusal('unexpected-file', { file: `${name}.csv` })
    entries.set(name, entry)
  }
  assertSizes([...entries.values()], bytes.length, limits)
  return {
    names: new Set(entries.keys()),
    read: (name, parser, consume) => readEntry(zip, entries.get(name), `${name}.csv`, parser, consume),
  }
}

async function orDamaged<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    throw new RosterRefusal('damaged-zip', {}, { cause })
  }
}

function assertRosterFile(entry: Entry): string {
  const name = entry.fileName.endsWith('.csv') ? entry.fileName.slice(0, -'.csv'.length) : ''
  if (!KNOWN_FILES.has(name) || !entry.canDecodeFileData()) throw new RosterRefusal('unexpected-file')
  return name
}

/**
 * The announced sizes are what the stream is later held to, so bounding them bounds the work. Packed parts that together
 * are longer than the zip overlap: the trick of a bomb that unpacks the same bytes many times.
 */
function assertSizes(entries: readonly Entry[], zipBytes: number, limits: ZipLimits): void {
  const sum = (size: (entry: Entry) => number) => entries.reduce((total, entry) => total + size(entry), 0)
  const largest = Math.max(0, ...entries.map((entry) => entry.uncompressedSize))
  if (largest > limits.fileBytes || sum((entry) => entry.uncompressedSize) > limits.totalBytes)
    throw new RosterRefusal('too-large')
  if (sum((entry) => entry.compressedSize) > zipBytes) throw new RosterRefusal('damaged-zip')
}

async function readEntry<T>(
  zip: ZipFile,
  entry: Entry | undefined,
  file: string,
  parser: Duplex,
  consume: (records: AsyncIterable<T>) => Promise<void>,
): Promise<void> {
  if (entry === undefined) throw new RosterRefusal('missing-file', { file })
  try {
    await pipeline(await zip.openReadStreamPromise(entry), checkSum(entry.crc32), parser, consume)
  } catch (cause) {
    if (cause instanceof RosterRefusal) throw cause
    throw new RosterRefusal(isCsvError(cause) ? 'broken-file' : 'damaged-zip', { file }, { cause })
  }
}

const isCsvError = (error: unknown): boolean =>
  (error as { code?: string } | undefined)?.code?.startsWith('CSV_') === true

/** yauzl holds a file to its announced length but leaves its checksum to us. */
function checkSum(expected: number): Transform {
  let sum = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum = crc32(chunk, sum)
      done(null, chunk)
    },
    flush(done) {
      done(sum === expected ? null : new Error('the checksum of the file is not the one announced'))
    },
  })
}
