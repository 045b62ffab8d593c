import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import t from 'tap'
import { STORY_SCHOOLS } from '../../../../../tests/fixtures/cast.ts'
import { ROSTER_DIRECTORY, zipFiles, zipRoster } from '../../../../../tests/fixtures/zip-roster.ts'
import { openRosterZip } from './open-roster-zip.ts'
import { type Roster, readRoster } from './read-roster.ts'
import { READER_LIMITS, readRosterApart } from './read-roster-apart.ts'
import { RosterRefusal } from './roster-refusal.ts'

const TODAY = '2026-11-24'
const [WATERLELIE] = STORY_SCHOOLS
const fileText = (name: string): string => readFileSync(`${ROSTER_DIRECTORY}/${name}`, 'utf8')

/** Reads the sample delivery for De Waterlelie after replacing texts in its files. */
async function readChanged(changes: Record<string, (text: string) => string | undefined>): Promise<Roster> {
  const replaced = Object.entries(changes).map(([name, change]) => [name, change(fileText(name))] as const)
  return readRoster(await zipRoster(ROSTER_DIRECTORY, Object.fromEntries(replaced)), WATERLELIE, TODAY)
}

async function refusalOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading
  } catch (error) {
    if (error instanceof RosterRefusal) return [error.reason, error.file, error.row].filter((part) => part).join(' ')
    throw error
  }
  return 'accepted'
}

t.test('a delivery that cannot be trusted as a whole is refused with a reason', async (t) => {
  const cases: [string, string, () => Promise<unknown>][] = [
    [
      'OneRoster 1.1',
      'version-not-supported manifest.csv',
      () => readChanged({ 'manifest.csv': (text) => text.replace('oneroster.version,1.2', 'oneroster.version,1.1') }),
    ],
    [
      'a delta in the manifest',
      'delta-not-supported users.csv',
      () => readChanged({ 'manifest.csv': (text) => text.replace('file.users,bulk', 'file.users,delta') }),
    ],
    [
      'a delta row',
      'delta-not-supported orgs.csv 3',
      () =>
        readChanged({
          'orgs.csv': (text) =>
            text.replace('sch-de-waterlelie,,,', 'sch-de-waterlelie,active,2026-11-01T00:00:00.000Z,'),
        }),
    ],
    ['no manifest', 'missing-file manifest.csv', () => readChanged({ 'manifest.csv': () => undefined })],
    ['a file that is missing', 'missing-file roles.csv', () => readChanged({ 'roles.csv': () => undefined })],
    [
      'a needed file that is announced absent',
      'missing-file roles.csv',
      () =>
        readChanged({
          'roles.csv': () => undefined,
          'manifest.csv': (text) => text.replace('file.roles,bulk', 'file.roles,absent'),
        }),
    ],
    [
      'a file that the manifest calls absent',
      'bad-manifest demographics.csv',
      () =>
        readChanged({ 'manifest.csv': (text) => text.replace('file.demographics,bulk', 'file.demographics,absent') }),
    ],
    [
      'a manifest with a property twice',
      'bad-manifest manifest.csv',
      () => readChanged({ 'manifest.csv': (text) => `${text}file.users,bulk\n` }),
    ],
    [
      'columns in another order',
      'wrong-header classes.csv',
      () => readChanged({ 'classes.csv': (text) => text.replace('title,grades', 'grades,title') }),
    ],
    [
      'a column of our own',
      'wrong-header users.csv',
      () => readChanged({ 'users.csv': (text) => text.replace('metadata.nl.opmerking', 'bsn') }),
    ],
    [
      'a header of 1.1',
      'wrong-header users.csv',
      () =>
        readChanged({
          'users.csv': (text) => text.replace('enabledUser,username', 'enabledUser,orgSourcedIds,role,username'),
        }),
    ],
    [
      'an id twice',
      `duplicate-id users.csv 174`,
      () => readChanged({ 'users.csv': (text) => `${text}${text.split('\n')[1]}\n` }),
    ],
    [
      'a file that was cut off in a row',
      'broken-file enrollments.csv 96',
      () => readChanged({ 'enrollments.csv': (text) => text.slice(0, text.length - 40) }),
    ],
    [
      'a file that was cut off in quotes',
      'broken-file users.csv',
      () => readChanged({ 'users.csv': (text) => text.slice(0, text.indexOf('"ver-') + 8) }),
    ],
    [
      'a file without rows',
      'empty-file enrollments.csv',
      () => readChanged({ 'enrollments.csv': (text) => text.split('\n')[0] }),
    ],
    ['an empty file', 'wrong-header roles.csv', () => readChanged({ 'roles.csv': () => '' })],
    [
      'another board',
      'school-not-in-file orgs.csv',
      () => readChanged({ 'orgs.csv': (text) => text.replace('99ZA00', '99ZX00') }),
    ],
    [
      'two schools with one BRIN',
      'school-not-in-file orgs.csv',
      () => readChanged({ 'orgs.csv': (text) => text.replace('99ZB00', '99ZA00') }),
    ],
    [
      'the rosters of last year',
      'no-school-year academicSessions.csv',
      () => readChanged({ 'academicSessions.csv': (text) => text.replace(/^jaar-2026.*\n/m, '') }),
    ],
  ]
  for (const [what, expected, reading] of cases)
    t.equal((await refusalOf(reading())).slice(0, expected.length), expected, what)
  const latin = Buffer.from(fileText('orgs.csv').replace('Waterkant', 'Waterkänt'), 'latin1')
  const zip = await zipRoster(ROSTER_DIRECTORY, { 'orgs.csv': latin })
  t.equal(await refusalOf(readRoster(zip, WATERLELIE, TODAY)), 'not-utf8 orgs.csv 2')
})

t.test('a zip that is damaged, cut off or no zip is refused', async (t) => {
  const zip = await zipRoster()
  const at = (place: number) => {
    const damaged = Buffer.from(zip)
    damaged.writeUInt8(damaged.readUInt8(place) ^ 0xff, place)
    return damaged
  }
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('no zip'),
    zip.subarray(0, zip.length - 900),
    zip.subarray(900),
    at(1_500),
  ])
    t.match(await refusalOf(readRoster(bytes, WATERLELIE, TODAY)), /^damaged-zip/)
})

t.test('every byte of a file counts: a changed letter is noticed by the checksum', async (t) => {
  const text = 'propertyName,value\nmanifest.version,1.0\n'
  const stored = await zipFiles([['manifest.csv', Buffer.from(text)]])
  const packed = deflateRawSync(Buffer.from(text))
  const forged = deflateRawSync(Buffer.from(text.replace('1.0', '1.9')))
  t.equal(packed.length, forged.length, 'the forgery fits')
  const place = stored.indexOf(packed)
  t.ok(place > 0, 'the packed bytes were found')
  const bytes = Buffer.concat([stored.subarray(0, place), forged, stored.subarray(place + packed.length)])
  t.match(await refusalOf(readRoster(bytes, WATERLELIE, TODAY)), /^damaged-zip manifest.csv/)
})

t.test('a zip can neither name a path, nor a file we do not know, nor hold a file twice', async (t) => {
  const manifest = Buffer.from(fileText('manifest.csv'))
  for (const name of ['sub/users.csv', 'users.txt', 'bsn.csv', 'Users.csv', 'users.csv.csv']) {
    const zip = await zipFiles([
      ['manifest.csv', manifest],
      [name, manifest],
    ])
    t.equal(await refusalOf(readRoster(zip, WATERLELIE, TODAY)), 'unexpected-file', name)
  }
  const twice = await zipFiles([
    ['manifest.csv', manifest],
    ['manifest.csv', manifest],
  ])
  t.equal(await refusalOf(readRoster(twice, WATERLELIE, TODAY)), 'unexpected-file manifest.csv')
  const climbing = await zipFiles([['aa-users.csv', manifest]])
  const path = Buffer.from(climbing.toString('latin1').replaceAll('aa-users.csv', '../users.csv'), 'latin1')
  t.match(await refusalOf(readRoster(path, WATERLELIE, TODAY)), /^(damaged-zip|unexpected-file)/)
})

t.test('a zip that would unpack to more than we hold is refused before it is unpacked', async (t) => {
  const limits = { entries: 3, fileBytes: 10_000, totalBytes: 15_000 }
  const opening = async (...sizes: number[]) => {
    const names = ['manifest', 'orgs', 'users', 'roles']
    const zip = await zipFiles(sizes.map((size, at) => [`${names[at]}.csv`, Buffer.alloc(size, 'a')]))
    return refusalOf(openRosterZip(zip, limits))
  }
  t.equal(await opening(10_000, 5_000), 'accepted')
  t.equal(await opening(10_001), 'too-large')
  t.equal(await opening(8_000, 8_000), 'too-large')
  t.equal(await opening(1, 1, 1, 1), 'too-large')
})

t.test('a zip whose entries share their bytes, the trick of a small bomb, is refused', async (t) => {
  const zip = await zipFiles([['users.csv', randomBytes(5_000)]])
  const end = zip.length - 22
  const [size, offset] = [zip.readUInt32LE(end + 12), zip.readUInt32LE(end + 16)]
  const entry = zip.subarray(offset, offset + size)
  const second = Buffer.from(entry.toString('latin1').replace('users.csv', 'roles.csv'), 'latin1')
  const tail = Buffer.from(zip.subarray(end))
  for (const place of [8, 10]) tail.writeUInt16LE(2, place)
  tail.writeUInt32LE(size * 2, 12)
  const overlapping = Buffer.concat([zip.subarray(0, end), second, tail])
  const limits = { entries: 40, fileBytes: 10_000, totalBytes: 20_000 }
  t.equal(await refusalOf(openRosterZip(zip, limits)), 'accepted')
  t.equal(await refusalOf(openRosterZip(overlapping, limits)), 'damaged-zip')
})

t.test('a zip that lies about how much it unpacks to is stopped while unpacking', async (t) => {
  const zip = await zipFiles([['manifest.csv', Buffer.alloc(100_000, 'a')]])
  const lying = Buffer.from(zip)
  const size = Buffer.alloc(4)
  size.writeUInt32LE(100_000)
  for (let place = lying.indexOf(size); place >= 0; place = lying.indexOf(size, place + 1))
    lying.writeUInt32LE(50, place)
  t.match(await refusalOf(readRoster(lying, WATERLELIE, TODAY)), /^damaged-zip/)
})

t.test('a delivery read in a thread of its own gives the same roster and the same refusals', async (t) => {
  const zip = await zipRoster()
  t.same(await readRosterApart(zip, WATERLELIE, TODAY, READER_LIMITS), await readRoster(zip, WATERLELIE, TODAY))
  const damaged = zip.subarray(0, zip.length - 900)
  t.equal(await refusalOf(readRosterApart(damaged, WATERLELIE, TODAY, READER_LIMITS)), 'damaged-zip')
  const twice = await zipRoster(ROSTER_DIRECTORY, {
    'orgs.csv': `${fileText('orgs.csv')}sch-het-kompas,,,x,school,,\n`,
  })
  t.equal(await refusalOf(readRosterApart(twice, WATERLELIE, TODAY, READER_LIMITS)), 'duplicate-id orgs.csv 6')
})

t.test('a delivery made to exhaust memory or time ends its reader and nothing else', async (t) => {
  const zip = await zipRoster()
  for (const limits of [
    { ...READER_LIMITS, megabytes: 4 },
    { ...READER_LIMITS, milliseconds: 1 },
  ])
    t.equal(await refusalOf(readRosterApart(zip, WATERLELIE, TODAY, limits)), 'too-large')
})
