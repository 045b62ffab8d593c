import { sql } from '@samen/pg-kit'
import t from 'tap'
import { OTHER_PEOPLE, STORY_PUPILS } from '../../../tests/fixtures/cast.ts'
import { TRAPPED } from '../../../tests/fixtures/sample-families.ts'
import { zipRoster } from '../../../tests/fixtures/zip-roster.ts'
import { importRoster } from '../src/roster/import-roster.ts'
import { readGuardianFacts, readPupilFacts } from './support/register.ts'
import {
  addAnotherSchool,
  call,
  deliveryFor,
  deliveryWithout,
  KOMPAS,
  type Node,
  openSchoolNode,
  postRoster,
  rosterText,
  schoolOf,
  sendRoster,
  type TestSchool,
  WATERLELIE,
} from './support/roster-node.ts'

/** Everything that is stored about the pupils of a school, in one comparable text. */
async function register(node: Node, { slug }: TestSchool): Promise<string> {
  const rows = await node.db(slug).many<{ row: string }>(sql`select p::text as row from pupil p order by id`)
  return rows.map(({ row }) => row).join('\n')
}

async function factsOf(node: Node, slug: string, pupil: string) {
  return readPupilFacts(node.deps, await schoolOf(node, slug), pupil)
}

const node = await openSchoolNode(t)

t.test('a delivery of the board fills the register of each of its schools', async (t) => {
  const [one, other] = [await node.addSchool(WATERLELIE), await node.addSchool(KOMPAS)]
  const zip = await zipRoster()
  const first = await sendRoster(node, one, zip)
  t.match(first, { state: 'applied', report: { accepted: { pupils: 64, enrolments: 64 }, rejected_count: 26 } })
  t.same(first.report.changes, { added: 64, changed: 0, unchanged: 0, removed: 0 })
  t.match(await sendRoster(node, other, zip), { state: 'applied', report: { accepted: { pupils: 12 } } })
  const again = await sendRoster(node, one, zip)
  t.same(again.report.changes, { added: 0, changed: 0, unchanged: 64, removed: 0 })
  const shown = await call(node, one, 'GET', `imports/${again.id}`)
  t.same(shown.json(), again)

  t.match(await factsOf(node, one.slug, STORY_PUPILS.child), {
    yearGroup: '8',
    groupLabel: 'Groep 8',
    classRef: /^[A-Za-z0-9_-]{22}$/,
    boardId: '41999',
    schoolYear: '2026-2027',
    schoolYearEnd: '2027-07-31',
    ageEqualOrOver: { '12': true },
  })
  t.equal((await factsOf(node, one.slug, TRAPPED.badBirthDate))?.ageEqualOrOver, undefined)
  t.equal(await factsOf(node, other.slug, STORY_PUPILS.child), undefined, 'a pupil of another school is unknown')
})

t.test('only who holds authority over a pupil has facts of a guardian', async (t) => {
  const one = await addAnotherSchool(node)
  await sendRoster(node, one, await deliveryFor(one))
  const school = await schoolOf(node, one.slug)
  const facts = (guardian: string, pupil: string) => readGuardianFacts(node.deps, school, guardian, pupil)
  const [mother, father] = STORY_PUPILS.guardians
  const ofChild = await facts(mother, STORY_PUPILS.child)
  const ofSibling = await facts(mother, STORY_PUPILS.sibling)
  t.match(ofChild, { authority: 'joint', relation: 'parent', coHolderCount: 1, decideUntil: '2027-07-31' })
  t.equal(ofChild?.guardianId, ofSibling?.guardianId, 'one person for both children')
  t.not(ofChild?.pupilId, ofSibling?.pupilId)
  t.not(ofChild?.guardianId, (await facts(father, STORY_PUPILS.child))?.guardianId)
  const refused: [string, string, string][] = [
    [OTHER_PEOPLE.parentWithoutAuthority, OTHER_PEOPLE.soleChild, 'a parent who lost authority'],
    [OTHER_PEOPLE.unknownGuardian, OTHER_PEOPLE.unknownChild, 'authority is unknown'],
    [mother, OTHER_PEOPLE.soleChild, 'a parent of another child'],
    [mother, TRAPPED.strangersAuthority, 'a stranger named by mistake'],
    [mother, 'lln-nobody', 'no such pupil'],
    ['ver-nobody', STORY_PUPILS.child, 'no such guardian'],
  ]
  for (const [guardian, pupil, why] of refused) t.equal(await facts(guardian, pupil), undefined, why)
})

t.test('a delivery that cannot be trusted changes nothing and says why', async (t) => {
  const school = await addAnotherSchool(node)
  const zip = await deliveryFor(school)
  await sendRoster(node, school, zip)
  const before = await register(node, school)
  const changed = (name: string, change: (text: string) => string | undefined) =>
    deliveryFor(school, { [name]: change(rosterText(name)) })
  const cases: [string, Buffer][] = [
    ['damaged-zip', zip.subarray(0, zip.length - 900)],
    ['missing-file', await changed('roles.csv', () => undefined)],
    [
      'wrong-header',
      await changed('users.csv', (text) => text.replace('givenName,familyName', 'familyName,givenName')),
    ],
    ['duplicate-id', await changed('users.csv', (text) => `${text}${text.split('\n')[1]}\n`)],
    ['broken-file', await changed('enrollments.csv', (text) => text.slice(0, -40))],
    ['version-not-supported', await changed('manifest.csv', (text) => text.replace('version,1.2', 'version,1.1'))],
  ]
  for (const [reason, bytes] of cases) {
    const reply = await sendRoster(node, school, bytes)
    t.equal(reply.state, 'refused', reason)
    t.match(reply.report, { refusal: { reason, detail: String }, accepted: { pupils: 0 }, rejected: [] })
    t.equal(await register(node, school), before)
  }
})

t.test('when more than a twentieth of the pupils would vanish a human has to say that it is true', async (t) => {
  const school = await addAnotherSchool(node)
  await sendRoster(node, school, await deliveryFor(school))
  const before = await register(node, school)
  const leaving = [STORY_PUPILS.sibling, OTHER_PEOPLE.soleChild, OTHER_PEOPLE.voogdChild, OTHER_PEOPLE.divorcedChild]
  const zip = await deliveryWithout(school, ...leaving)
  const held = await sendRoster(node, school, zip)
  t.match(held, { state: 'held', report: { missing: { pupils: { count: 4, of: 64 } }, accepted: { pupils: 60 } } })
  t.same(held.report.held_for, ['missing.pupils'])
  t.equal(held.report.changes, undefined)
  t.equal(await register(node, school), before, 'nothing has changed')
  t.match((await call(node, school, 'GET', `imports/${held.id}`)).json(), { state: 'held' })
  const confirmed = await sendRoster(node, school, zip, `?confirm=${held.id}`)
  t.match(confirmed, { state: 'applied', report: { changes: { added: 0, changed: 0, unchanged: 60, removed: 4 } } })
  t.equal(await factsOf(node, school.slug, STORY_PUPILS.sibling), undefined)
})

t.test('up to a twentieth may leave, and their records are gone with their keys', async (t) => {
  const school = await addAnotherSchool(node)
  await sendRoster(node, school, await deliveryFor(school))
  const leaver = await factsOf(node, school.slug, STORY_PUPILS.child)
  const reply = await sendRoster(
    node,
    school,
    await deliveryWithout(school, STORY_PUPILS.child, OTHER_PEOPLE.voogdChild, OTHER_PEOPLE.soleChild),
  )
  t.match(reply, { state: 'applied', report: { changes: { removed: 3, unchanged: 61 } } })
  const rows = await node.db(school.slug).many(sql`select 1 from pupil where id = ${leaver?.pupilId ?? ''}`)
  t.same(rows, [])
})

t.test('a pupil whose row turned bad keeps the record of before', async (t) => {
  const school = await addAnotherSchool(node)
  await sendRoster(node, school, await deliveryFor(school))
  const before = await factsOf(node, school.slug, STORY_PUPILS.child)
  const users = rosterText('users.csv').replace(
    new RegExp(`^(${STORY_PUPILS.child},,,true,[^,]*),[^,]*,`, 'm'),
    '$1,{BSN:111222333},',
  )
  const reply = await sendRoster(node, school, await deliveryFor(school, { 'users.csv': users }))
  t.equal(reply.state, 'applied')
  t.ok(
    reply.report.rejected.some(
      (row: { file: string; row: number; reason: string; detail: string }) =>
        row.file === 'users.csv' && row.row === 2 && row.reason === 'national-number' && row.detail.includes('BSN'),
    ),
  )
  t.same(await factsOf(node, school.slug, STORY_PUPILS.child), before)
})

t.test('a changed record is replaced, and its data key with it', async (t) => {
  const school = await addAnotherSchool(node)
  await sendRoster(node, school, await deliveryFor(school))
  const pupilId = (await factsOf(node, school.slug, STORY_PUPILS.child))?.pupilId ?? ''
  const stored = () =>
    node.db(school.slug).one<{ wrapped_key: Buffer }>(sql`select wrapped_key from pupil where id = ${pupilId}`)
  const before = await stored()
  const classes = rosterText('classes.csv').replace('Groep 8', 'Groep 8 rood')
  const reply = await sendRoster(node, school, await deliveryFor(school, { 'classes.csv': classes }))
  t.same(reply.report.changes, { added: 0, changed: 8, unchanged: 56, removed: 0 })
  t.match(await factsOf(node, school.slug, STORY_PUPILS.child), { pupilId, groupLabel: 'Groep 8 rood' })
  t.notSame((await stored()).wrapped_key, before.wrapped_key)
})

t.test('the same Idempotency-Key gives the same import', async (t) => {
  const school = await addAnotherSchool(node)
  const zip = await deliveryFor(school)
  const send = (bytes: Buffer) => call(node, school, 'POST', 'imports', bytes, { 'idempotency-key': 'night-1' })
  const [one, two] = [await send(zip), await send(zip)]
  t.equal(one.statusCode, 201)
  t.equal(one.body, two.body)
  t.equal((await send(zip.subarray(1))).statusCode, 422)
})

t.test('two deliveries at once, at two processes, leave each pupil once', async (t) => {
  const added = await addAnotherSchool(node)
  const zip = await deliveryFor(added)
  const school = await schoolOf(node, added.slug)
  const request = { key: undefined, requestHash: Buffer.alloc(32) }
  const send = () => importRoster(node.deps, { school, keyId: 'a-key' }, { zip, confirms: undefined }, request)
  const both = await Promise.all([send(), send()])
  const reports = both.map(({ body }) => (body as { report: { changes: { added: number } } }).report)
  t.same(reports.map(({ changes }) => changes.added).sort(), [0, 64])
})

t.test('a school has one delivery read at a time, and a third school waits for two others', async (t) => {
  const schools = [await addAnotherSchool(node), await addAnotherSchool(node), await addAnotherSchool(node)]
  const zips = await Promise.all(schools.map((school) => deliveryFor(school)))
  const [one, two, three] = schools.map((school, at) => () => postRoster(node, school, zips[at] ?? Buffer.alloc(0)))
  const replies = await Promise.all([one?.(), one?.(), two?.(), three?.()])
  t.same(replies.map((reply) => reply?.statusCode).sort(), [201, 201, 503, 503])
  const refused = replies.filter((reply) => reply?.statusCode === 503)
  for (const reply of refused) t.equal(reply?.headers['retry-after'], '5')
  for (const again of [one, two, three])
    t.equal((await again?.())?.statusCode, 201, 'and is served when it comes again')
})

t.test(
  "only the school's own key sends and reads its rosters, and a stranger's delivery is not even read",
  async (t) => {
    const [one, other] = [await addAnotherSchool(node), await addAnotherSchool(node)]
    const made = await sendRoster(node, one, await deliveryFor(one))
    const foreign = await call(node, { ...one, apiKey: other.apiKey }, 'POST', 'imports', await deliveryFor(one))
    const unknown = await call(node, { ...one, slug: 'no-such-school' }, 'POST', 'imports', await deliveryFor(one))
    t.equal(foreign.statusCode, 404)
    t.equal(foreign.body, unknown.body)
    t.equal((await call(node, { ...one, apiKey: 'nobody' }, 'POST', 'imports', await deliveryFor(one))).statusCode, 401)
    const malformed = { authorization: 'Bearer nobody', 'content-type': 'application/json' }
    const url = `/v1/schools/${one.slug}/imports`
    const unread = await node.app.inject({ method: 'POST', url, headers: malformed, payload: '{' })
    t.equal(unread.statusCode, 401, 'the body would have been refused with another status')
    const strangers = await call(node, other, 'GET', `imports/${made.id}`)
    const none = await call(node, other, 'GET', 'imports/none')
    t.equal(strangers.statusCode, 404)
    t.equal(strangers.body, none.body)
    t.same(await node.db(other.slug).many(sql`select 1 from pupil`), [])
  },
)

t.test('something that is no zip is refused as such', async (t) => {
  const school = await addAnotherSchool(node)
  t.equal((await call(node, school, 'POST', 'imports', { users: [] })).statusCode, 415)
  t.match(await sendRoster(node, school, Buffer.from('users')), {
    state: 'refused',
    report: { refusal: { reason: 'damaged-zip' } },
  })
  t.equal((await call(node, school, 'POST', 'imports?confirm=yes', await deliveryFor(school))).statusCode, 400)
})
