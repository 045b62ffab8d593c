import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Which database this is and how far it had written. Kept outside it: a database that was set back cannot know that it was. */
export interface DatabaseMark {
  /** changes when another server, another database or another history of it answers */
  readonly identity: string
  /** position in the write-ahead log, in bytes; only grows */
  readonly written: number
}

/** A small file beside the keys. */
export interface DatabaseMarkFile {
  /** undefined before the first start */
  read(): DatabaseMark | undefined
  write(mark: DatabaseMark): void
}

/** Opens the file of a service; it is made at the first write. `read` throws Error when it holds something else. */
export function openDatabaseMark(file: string): DatabaseMarkFile {
  return {
    read() {
      const text = readIfThere(file)
      if (text === undefined) return undefined
      const mark = JSON.parse(text) as Partial<DatabaseMark>
      if (typeof mark.identity !== 'string' || typeof mark.written !== 'number')
        throw new Error('the file with the mark of the database is damaged')
      return { identity: mark.identity, written: mark.written }
    },
    write(mark) {
      // Renamed into place: a crash leaves the old mark or the new one.
      writeFileSync(`${file}.new`, JSON.stringify(mark), { mode: 0o600, flush: true })
      renameSync(`${file}.new`, file)
    },
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw error
  }
}
