import { readFileSync } from 'node:fs'
import t from 'tap'
import { rosterCanaries } from '../../../../../tests/fixtures/canaries.ts'
import { OTHER_PEOPLE, STORY_PUPILS, STORY_SCHOOLS } from '../../../../../tests/fixtures/cast.ts'
import { TRAPPED } from '../../../../../tests/fixtures/sample-families.ts'
import { ROSTER_DIRECTORY, zipRoster } from '../../../../../tests/fixtures/zip-roster.ts'
import { type Roster, readRoster } from './read-roster.ts'

const TODAY = '2026-11-24'
const [WATERLELIE, KOMPAS] = STORY_SCHOOLS
const fileText = (name: string): string => readFileSync(`${ROSTER_DIRECTORY}/${name}`, 'utf8')

/** Reads the sample delivery for De Waterlelie after replacing texts in its files. */
async function readChanged(changes: Record<string, (text: string) => string | undefined>): Promise<Roster> {
  const replaced = Object.entries(changes).map(([name, change]) => [name, change(fileText(name))] as const)
  return readRoster(await zipRoster(ROSTER_DIRECTORY, Object.fromEntries(replaced)), WATERLELIE, TODAY)
}

const pupilOf = (roster: Roster, sourcedId: string) => {
  const found = roster.pupils.find((pupil) => pupil.sourcedId === sourcedId)
  if (found === undefined) throw new Error('the pupil is not in the roster')
  return found
}

t.test('a school takes its own pupils out of the delivery of the board', async (t) => {
  const zip = await zipRoster()
  const one = await readRoster(zip, WATERLELIE, TODAY)
  const other = await readRoster(zip, KOMPAS, TODAY)
  t.equal(one.pupils.length, WATERLELIE.pupils)
  t.equal(other.pupils.length, KOMPAS.pupils)
  const [atOne, atOther] = OTHER_PEOPLE.bothSchoolsChildren
  t.ok(pupilOf(one, atOne))
  t.ok(pupilOf(other, atOther))
  t.notOk(one.pupils.some((pupil) => pupil.sourcedId === atOther))
  t.same(one.accepted, {
    pupils: 64,
    guardians: 63,
    guardianships: 106,
    enrolments: 64,
    classes: 8,
    without_authority: 4,
  })
})

t.test('year, group, age and school year come from where the administration keeps them', async (t) => {
  const roster = await readRoster(await zipRoster(), WATERLELIE, TODAY)
  t.equal(roster.schoolYear, '2026-2027')
  t.equal(roster.schoolYearEnd, '2027-07-31')
  t.equal(roster.boardId, '41999')
  const child = pupilOf(roster, STORY_PUPILS.child)
  t.match(child, { yearGroup: '8', groupLabel: 'Groep 8', enrolmentSince: '2019-08', decideUntil: '2027-07-31' })
  t.same(child.ageEqualOrOver, { '12': true, '13': false, '16': false, '18': false })
  t.match(pupilOf(roster, STORY_PUPILS.sibling), { yearGroup: '5', ageEqualOrOver: { '12': false } })
  const kompas = await readRoster(await zipRoster(), KOMPAS, TODAY)
  for (const pupil of kompas.pupils) t.match(pupil, { yearGroup: /^[1-8]$/, groupLabel: /^Groep \d\/\d$/ })
})

t.test('the prefix of a family name is put back where people say it', async (t) => {
  const roster = await readRoster(await zipRoster(), WATERLELIE, TODAY)
  const { familyName, familyNamePrefix } = pupilOf(roster, OTHER_PEOPLE.soleChild)
  t.match(familyName, /^van den Hendriks/)
  t.equal(familyNamePrefix, 'van den')
})

t.test('authority needs the relation and the statement of authority; one of them is not enough', async (t) => {
  const roster = await readRoster(await zipRoster(), WATERLELIE, TODAY)
  const guardiansOf = (sourcedId: string) => pupilOf(roster, sourcedId).guardians
  const [first, second] = STORY_PUPILS.guardians
  t.same(guardiansOf(STORY_PUPILS.child), [
    { sourcedId: first, authority: 'joint', relation: 'parent', coHolderCount: 1 },
    { sourcedId: second, authority: 'joint', relation: 'parent', coHolderCount: 1 },
  ])
  t.same(
    guardiansOf(OTHER_PEOPLE.soleChild).map(({ sourcedId, coHolderCount }) => ({ sourcedId, coHolderCount })),
    [{ sourcedId: OTHER_PEOPLE.soleGuardian, coHolderCount: 0 }],
    'the other parent is related and has no authority',
  )
  t.match(guardiansOf(OTHER_PEOPLE.voogdChild), [{ authority: 'voogd', relation: 'guardian', coHolderCount: 0 }])
  t.match(guardiansOf(OTHER_PEOPLE.institutionChild), [{ authority: 'institution', relation: 'institution' }])
  for (const sourcedId of [
    OTHER_PEOPLE.unknownChild,
    TRAPPED.unknownGuardian,
    TRAPPED.malformedAuthority,
    TRAPPED.strangersAuthority,
  ])
    t.same(guardiansOf(sourcedId), [], 'nobody decides when the administration is not sure')
})

t.test('each row that cannot be used is named by file, row and reason', async (t) => {
  const roster = await readRoster(await zipRoster(), WATERLELIE, TODAY)
  const rowOf = (file: string, key: string): number =>
    fileText(file)
      .split('\n')
      .findIndex((line) => line.startsWith(`${key},`)) + 1
  const expected: [string, string, string][] = [
    ['orgs.csv', 'org-t-zwevend', 'unknown-org'],
    ['classes.csv', 'klas-de-waterlelie-t-plus', 'unknown-course'],
    ['users.csv', TRAPPED.nationalNumberInUserIds, 'national-number'],
    ['users.csv', TRAPPED.nationalNumberInRemark, 'national-number'],
    ['users.csv', TRAPPED.noFamilyName, 'missing-value'],
    ['users.csv', TRAPPED.unknownYearGroup, 'bad-value'],
    ['users.csv', TRAPPED.unknownGuardian, 'unknown-guardian'],
    ['users.csv', TRAPPED.malformedAuthority, 'authority-malformed'],
    ['users.csv', TRAPPED.strangersAuthority, 'authority-without-relation'],
    ['roles.csv', 'rol-lln-t8weg0bestaatniet-primary', 'unknown-user'],
    ['enrollments.csv', 'inschr-t-onbekende-klas', 'unknown-class'],
    ['enrollments.csv', 'inschr-t-afgekeurde-klas', 'unknown-class'],
    ['demographics.csv', TRAPPED.badBirthDate, 'bad-date'],
    ['demographics.csv', 'lln-t9zonderrij', 'unknown-user'],
  ]
  for (const [file, key, reason] of expected)
    t.ok(
      roster.rejected.some((one) => one.file === file && one.row === rowOf(file, key) && one.reason === reason),
      `${file}: ${reason}`,
    )
  // Each of the four pupils whose own row is refused is missed by roles, enrolments and demographics too.
  t.equal(roster.rejectedCount, expected.length + 4 * 3)
})

t.test('a national number in any text that is kept makes its row unusable', async (t) => {
  const number = '999924072'
  const inUsers = (column: string) => async () => {
    const [header = '', ...rows] = fileText('users.csv').split('\n')
    const place = header.split(',').indexOf(column)
    const child = rows.find((row) => row.startsWith(STORY_PUPILS.child)) ?? ''
    const before = new RegExp(`^((?:(?:"[^"]*"|[^,]*),){${place}})("[^"]*"|[^,]*)`)
    const roster = await readChanged({
      'users.csv': (text) => text.replace(child, child.replace(before, `$1${number}`)),
    })
    t.ok(roster.doubtful.includes(STORY_PUPILS.child), column)
    t.ok(
      roster.rejected.some(({ file, row }) => file === 'users.csv' && row === 2),
      column,
    )
    t.notMatch(JSON.stringify(roster), number)
  }
  for (const column of [
    'givenName',
    'familyName',
    'middleName',
    'preferredGivenName',
    'grades',
    'userMasterIdentifier',
  ])
    await inUsers(column)()
  const classes = await readChanged({ 'classes.csv': (text) => text.replace('Groep 8', `Groep ${number}`) })
  t.ok(classes.rejected.some(({ file, reason }) => file === 'classes.csv' && reason === 'national-number'))
  t.notMatch(JSON.stringify(classes), number)
})

t.test('a pupil whose row cannot be used is doubtful, not gone', async (t) => {
  const roster = await readRoster(await zipRoster(), WATERLELIE, TODAY)
  for (const sourcedId of [TRAPPED.nationalNumberInUserIds, TRAPPED.noFamilyName, TRAPPED.unknownYearGroup]) {
    t.ok(roster.doubtful.includes(sourcedId))
    t.notOk(roster.pupils.some((pupil) => pupil.sourcedId === sourcedId))
  }
})

t.test('what is not needed never gets past the parser', async (t) => {
  const { names, birthDates, dropped } = rosterCanaries()
  for (const school of STORY_SCHOOLS) {
    const roster = await readRoster(await zipRoster(), school, TODAY)
    const text = JSON.stringify(roster)
    const own = new Set(roster.pupils.flatMap(({ givenName, familyName }) => [givenName, familyName.split(' ').at(-1)]))
    const leaks = [...birthDates, ...dropped, ...names.filter((name) => !own.has(name))].filter((marker) =>
      text.includes(marker),
    )
    t.same(leaks, [], 'no birth date, no password, no number, no name of an adult or of a pupil of the other school')
    t.notMatch(text, /female|"true"|NL/, 'no sex, no origin')
  }
})

t.test('the header variant of the 1.2 document is read as well as the one of 1.2.1', async (t) => {
  const roster = await readChanged({
    'users.csv': (text) =>
      text
        .split('\n')
        .map((line, at) => {
          if (at === 0) return line.replace('userMasterIdentifier,', 'userMasterIdentifier,resourceSourcedIds,')
          return line.replace(/((?:wachtwoord)-[a-z0-9]{14},)/, '$1,')
        })
        .join('\n'),
  })
  t.equal(roster.pupils.length, WATERLELIE.pupils)
  t.equal(pupilOf(roster, STORY_PUPILS.child).guardians.length, 2)
})

t.test('line ends of Windows and a byte order mark change nothing', async (t) => {
  const roster = await readChanged({ 'users.csv': (text) => `\ufeff${text.replaceAll('\n', '\r\n')}` })
  t.equal(roster.pupils.length, WATERLELIE.pupils)
})

t.test('a delivery without demographics says nothing about ages', async (t) => {
  const roster = await readChanged({
    'demographics.csv': () => undefined,
    'manifest.csv': (text) => text.replace('file.demographics,bulk', 'file.demographics,absent'),
  })
  t.equal(roster.pupils.length, WATERLELIE.pupils)
  t.ok(roster.pupils.every((pupil) => pupil.ageEqualOrOver === undefined))
  t.equal(pupilOf(roster, STORY_PUPILS.child).decideUntil, '2027-07-31', 'at a primary school nobody is sixteen')
})

t.test('a pupil who left or has yet to come is not at the school', async (t) => {
  const changeRole = (begin: string, end: string) => (text: string) =>
    text.replace(
      new RegExp(`^(rol-${STORY_PUPILS.child}-primary,,,[^,]*,primary,student),[^,]*,[^,]*,`, 'm'),
      `$1,${begin},${end},`,
    )
  for (const [begin, end] of [
    ['2019-08-19', TODAY],
    ['2026-11-25', ''],
  ] as const) {
    const roster = await readChanged({ 'roles.csv': changeRole(begin, end) })
    t.notOk(roster.pupils.some((pupil) => pupil.sourcedId === STORY_PUPILS.child))
    t.notOk(roster.doubtful.includes(STORY_PUPILS.child))
  }
  const tomorrow = await readChanged({ 'roles.csv': changeRole('2019-08-19', '2026-11-25') })
  t.ok(pupilOf(tomorrow, STORY_PUPILS.child), 'the end date is the first day without the role')
})
