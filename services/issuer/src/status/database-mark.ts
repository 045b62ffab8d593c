import { readKeptFile, replaceKeptFile } from '@samen/sealing'

/** Which database this is and how far we went with it. Kept outside it: a database that was set back cannot know that it was. */
export interface DatabaseMark {
  /** changes when another server, another database or another history of it answers */
  readonly identity: string
  /** under which name this data directory counts in the database, 22 characters */
  readonly process: string
  /** how often it has counted there; a database that says less has forgotten something */
  readonly noted: number
}

/** A small file beside the keys. */
export interface DatabaseMarkFile {
  /** undefined before the first start */
  read(): Promise<DatabaseMark | undefined>
  write(mark: DatabaseMark): Promise<void>
}

/** Opens the file of a service; it is made at the first write. `read` rejects with Error when it holds something else. */
export function openDatabaseMark(file: string): DatabaseMarkFile {
  return {
    async read() {
      const text = await readKeptFile(file)
      if (text === undefined) return undefined
      const { identity, process, noted } = JSON.parse(text.toString('utf8')) as Partial<DatabaseMark>
      if (typeof identity !== 'string' || typeof process !== 'string' || typeof noted !== 'number')
        throw new Error('the file with the mark of the database is damaged')
      return { identity, process, noted }
    },
    write: (mark) => replaceKeptFile(file, JSON.stringify(mark), 'owner'),
  }
}
