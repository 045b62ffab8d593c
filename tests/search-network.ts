import { readFileSync } from 'node:fs'
import { dumpDatabases, traces } from '../scripts/network/dump.ts'
import { createSearch } from '../scripts/network/search-bytes.ts'
import type { Story } from '../scripts/story/story.ts'
import { rosterMarkers } from './fixtures/canaries.ts'

/** Every body that a service answered to a test, save to a wallet: that is told facts about a child, and has to be. */
export const heard: string[] = []

/**
 * Searches what a network wrote and answered for every name, birth date and code of its roster, in every spelling and as a hash that nobody keyed. Gives the places where
 * one was found, with the marker: it is invented, and whoever mends the leak has to know which it is.
 */
export async function searchNetwork({ calendar, databases, services }: Story): Promise<string[]> {
  const search = createSearch(rosterMarkers(calendar).flatMap(traces))
  const texts = new Map<string, Buffer>([['a reply', Buffer.from(heard.join('\n'))]])
  for (const [service, log] of Object.entries(services.logs)) texts.set(`the log of ${service}`, readFileSync(log))
  for (const { service, lines } of databases.superuserUrls ? await dumpDatabases(databases.superuserUrls) : []) {
    texts.set(`the database of ${service}`, Buffer.from(lines.join('\n')))
  }
  return [...texts].flatMap(([where, text]) => search(text).map((marker) => `${marker} stands in ${where}`))
}
