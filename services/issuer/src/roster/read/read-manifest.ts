import { type CsvFile, KNOWN_FILES, MANIFEST, NEEDED_FILES } from './oneroster-files.ts'
import type { RosterZip } from './open-roster-zip.ts'
import { readCsvFile } from './read-csv-file.ts'
import { RosterRefusal } from './roster-refusal.ts'

/** Which of the files that we can do without are in this delivery. */
export interface Manifest {
  readonly has: (file: CsvFile) => boolean
}

/**
 * Reads manifest.csv and holds the zip to it, before any other file is opened.
 * Throws RosterRefusal `bad-manifest`, `version-not-supported`, `delta-not-supported` or `missing-file`.
 */
export async function readManifest(zip: RosterZip): Promise<Manifest> {
  const properties = await readProperties(zip)
  if (properties.get('manifest.version') !== '1.0') throw bad()
  const version = properties.get('oneroster.version')
  if (version === undefined) throw bad()
  if (version !== '1.2' && version !== '1.2.1')
    throw new RosterRefusal('version-not-supported', { file: 'manifest.csv' })
  const present = [...KNOWN_FILES].filter((name) => name !== 'manifest' && assertAgrees(zip, properties, name))
  for (const file of NEEDED_FILES)
    if (!present.includes(file.name)) throw new RosterRefusal('missing-file', { file: `${file.name}.csv` })
  return { has: (file) => present.includes(file.name) }
}

async function readProperties(zip: RosterZip): Promise<ReadonlyMap<string, string>> {
  const properties = new Map<string, string>()
  await readCsvFile(zip, MANIFEST, ({ get }) => {
    if (properties.has(get('propertyName'))) throw bad()
    properties.set(get('propertyName'), get('value'))
  })
  return properties
}

/** True when the file is there in bulk; a manifest and a zip that disagree are not one delivery. */
function assertAgrees(zip: RosterZip, properties: ReadonlyMap<string, string>, name: string): boolean {
  const mode = properties.get(`file.${name}`) ?? 'absent'
  const place = { file: `${name}.csv` }
  if (mode === 'delta') throw new RosterRefusal('delta-not-supported', place)
  if (mode === 'bulk' && !zip.names.has(name)) throw new RosterRefusal('missing-file', place)
  if (mode === 'absent' && zip.names.has(name)) throw new RosterRefusal('bad-manifest', place)
  if (mode !== 'bulk' && mode !== 'absent') throw bad()
  return mode === 'bulk'
}

const bad = (): RosterRefusal => new RosterRefusal('bad-manifest', { file: 'manifest.csv' })
