import { globSync, readFileSync } from 'node:fs'
import { rosterMarkers } from '../../../tests/fixtures/canaries.ts'
import { dumpDatabases, encodings } from '../../network/dump.ts'
import { createSearch } from '../../network/search-bytes.ts'
import type { Story } from '../story.ts'

type Search = ReturnType<typeof createSearch>

/** Step 10: every row of the four databases, and the server's own files, are searched for every name, birth date and code. */
export async function searchDumps(story: Story): Promise<void> {
  const { print, databases, services } = story
  const markers = rosterMarkers(story.calendar)
  const search = createSearch(markers.flatMap(encodings))
  if (databases.superuserUrls) {
    const dumps = await dumpDatabases(databases.superuserUrls)
    for (const { service, rows, lines } of dumps) {
      assertFree(`the dump of ${service}`, search(Buffer.from(lines.join('\n'))))
      if (rows === 0) throw new Error(`the dump of ${service} is empty, so the search proves nothing`)
      print.check(
        `${service}: ${rows} rows, none of ${markers.length} names, birth dates and codes, plain, hex or base64`,
      )
    }
  } else {
    print.say(
      'The databases of your environment were given with their own roles; row-level security hides rows from a dump with those. Search a pg_dump of a superuser instead.',
    )
  }
  if (databases.dataDirectory) await searchFiles(databases.dataDirectory, search, story)
  const logs = Object.values(services.logs)
  for (const log of logs) assertFree(log, search(readFileSync(log)))
  if (logs.length > 0) print.check(`the logs of the four services: nothing either`)
}

async function searchFiles(directory: string, search: Search, story: Story): Promise<void> {
  const files = globSync(`${directory}/{base,pg_wal}/**/*`, { withFileTypes: true }).filter((entry) => entry.isFile())
  for (const file of files) {
    const path = `${file.parentPath}/${file.name}`
    assertFree(path, search(readFileSync(path)))
  }
  story.print.check(`${files.length} data and WAL files of the database server: nothing either`)
}

function assertFree(where: string, found: readonly string[]): void {
  // The find itself is a name of a child; the message says only how many.
  if (found.length > 0) throw new Error(`${where} holds ${found.length} markers of the roster`)
}
