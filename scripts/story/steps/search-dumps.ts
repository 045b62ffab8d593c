import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rosterMarkers } from '../../../tests/fixtures/canaries.ts'
import { dumpDatabases, encodings, traces } from '../../network/dump.ts'
import { createSearch } from '../../network/search-bytes.ts'
import { secretsOf } from '../secrets.ts'
import type { Story } from '../story.ts'

/** A code this short stands by chance in any long number; as a field of its own it does not. */
const SHORT = 10

/**
 * Step 10: every row of the four databases, and the files and logs that are ours to read, are searched for every name, birth date and code
 * of the roster, and for what this run has handed out: codes, tokens, API keys, pseudonyms.
 */
export async function searchDumps(story: Story): Promise<void> {
  const { print, databases } = story
  const markers = rosterMarkers(story.calendar)
  const secrets = secretsOf(story)
  const long = secrets.filter((secret) => secret.length >= SHORT)
  const short = secrets.filter((secret) => secret.length < SHORT)
  const search = createSearch([...new Set([...markers.flatMap(traces), ...long.flatMap(inEverySpelling)])])
  print.say(
    `Searched for: ${markers.length} names, birth dates and codes of the roster, plain, in hex, in base64 and as a hash, and ${secrets.length} codes, tokens, API keys and pseudonyms of this run.`,
  )
  for (const { service, rows, lines } of await dumpDatabases(databases.superuserUrls ?? databases.urls)) {
    const text = lines.join('\n')
    assertFree(`the dump of ${service}`, [...search(Buffer.from(text)), ...short.filter((code) => isField(text, code))])
    if (rows === 0) throw new Error(`the dump of ${service} is empty, so the search proves nothing`)
    print.check(`${service}: ${rows} rows, every schema, nothing found.`)
  }
  const files = filesToSearch(story)
  for (const file of files.flatMap(([, paths]) => paths)) assertFree(file, search(readFileSync(file)))
  for (const [what, paths] of files) if (paths.length > 0) print.check(`${paths.length} ${what}: nothing found.`)
}

function filesToSearch({ databases, services }: Story): [what: string, paths: string[]][] {
  const { dataDirectory } = databases
  const entries = dataDirectory === null ? [] : globSync(`${dataDirectory}/{base,pg_wal}/**/*`, { withFileTypes: true })
  const stored = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return [
    ['data and WAL files of the database server', stored],
    ['log of the database server', dataDirectory === null ? [] : [join(dataDirectory, '..', 'server.log')]],
    ['logs of services', Object.values(services.logs)],
  ]
}

/** Also the bytes that a base64url text stands for, which a database shows in hex. */
function inEverySpelling(text: string): string[] {
  const bytes = /^[A-Za-z0-9_-]{43}$/.test(text) ? [Buffer.from(text, 'base64url').toString('hex')] : []
  return [...encodings(text), ...bytes]
}

function isField(text: string, code: string): boolean {
  return new RegExp(`(?<![\\w.])${code}(?!\\w)`).test(text)
}

function assertFree(where: string, found: readonly string[]): void {
  // The find itself is a name of a child; the message says only how many.
  if (found.length > 0) throw new Error(`${where} holds ${found.length} of what was searched for`)
}
