import { sql } from '@samen/pg-kit'
import { readEveryRow } from '@samen/test-kit'
import t from 'tap'
import { traces } from '../../../scripts/network/dump.ts'
import { rosterMarkers } from '../../../tests/fixtures/canaries.ts'
import { OTHER_PEOPLE, STORY_PUPILS } from '../../../tests/fixtures/cast.ts'
import { zipRoster } from '../../../tests/fixtures/zip-roster.ts'
import { pullMembership } from '../src/membership/pull-membership.ts'
import { type IssuingNode, makeOffer, type TestSchool as Seller } from './support/issuing-school.ts'
import { TestWallet } from './support/playing-wallet.ts'
import { readGuardianFacts, readPupilFacts } from './support/register.ts'
import {
  admit,
  call,
  deliveryWithout,
  KOMPAS,
  type Node,
  openSchoolNode,
  rosterText,
  schoolOf,
  sendRoster,
  type TestSchool,
  WATERLELIE,
} from './support/roster-node.ts'

/** Every row of every table as text; bytes are shown in hex. */
const dump = async (node: Node): Promise<string> =>
  (await readEveryRow(node.superuserUrl)).map(({ line }) => line).join('\n')

const found = (text: string): string[] =>
  rosterMarkers().filter((marker) => traces(marker).some((one) => text.includes(one)))

t.test('no name, birth date, number or id of the roster is in the database, a log or a reply', async (t) => {
  const lines: string[] = []
  const node = await openSchoolNode(t, { write: (line) => void lines.push(line) })
  const [one, other] = [await node.addSchool(WATERLELIE), await node.addSchool(KOMPAS)]
  const zip = await zipRoster()
  const replies = [
    await call(node, one, 'POST', 'imports', zip, { 'idempotency-key': 'k' }),
    await call(node, other, 'POST', 'imports', zip),
    await call(node, one, 'POST', 'imports', await deliveryWithout(one, STORY_PUPILS.child)),
    await call(node, one, 'POST', 'imports', zip.subarray(0, 5_000)),
    await call(
      node,
      one,
      'POST',
      'imports',
      await zipRoster(undefined, { 'users.csv': `${rosterText('users.csv')}"` }),
    ),
  ]
  t.same(
    replies.map((reply) => reply.json().state),
    ['applied', 'applied', 'applied', 'refused', 'refused'],
  )
  const text = await dump(node)
  t.ok(text.length > 50_000, 'there is something to search')
  t.ok(text.includes(WATERLELIE.brin), 'the search reads what is stored')
  t.same(found(text), [])
  t.ok(lines.length > 5, 'the log was written')
  t.same(found(lines.join('\n')), [])
  t.same(found(replies.map(({ body, headers }) => body + JSON.stringify(headers)).join('\n')), [])
})

t.test('each school has a name of its own for the same person', async (t) => {
  const node = await openSchoolNode(t)
  const schools = [await node.addSchool(WATERLELIE), await node.addSchool(KOMPAS)]
  const zip = await zipRoster()
  for (const school of schools) await sendRoster(node, school, zip)
  const ids = await Promise.all(
    schools.map(async ({ slug }, at) =>
      readGuardianFacts(
        node.deps,
        await schoolOf(node, slug),
        OTHER_PEOPLE.bothSchoolsGuardian,
        OTHER_PEOPLE.bothSchoolsChildren[at] ?? '',
      ),
    ),
  )
  t.match(ids, [{ authority: 'joint' }, { authority: 'joint' }])
  t.not(ids[0]?.guardianId, ids[1]?.guardianId)
})

t.test('a record moved to another pupil or another school does not open', async (t) => {
  const node = await openSchoolNode(t)
  const school = await node.addSchool()
  await sendRoster(node, school, await zipRoster())
  const [mother] = STORY_PUPILS.guardians
  const child = (await readPupilFacts(node.deps, await schoolOf(node, school.slug), STORY_PUPILS.child))?.pupilId ?? ''
  const moved = await node.db(school.slug).run(sql`
    update pupil set wrapped_key = other.wrapped_key, sealed = other.sealed
    from (select wrapped_key, sealed from pupil where id <> ${child} limit 1) other where id = ${child}`)
  t.equal(moved, 1)
  const reading = readGuardianFacts(node.deps, await schoolOf(node, school.slug), mother, STORY_PUPILS.child)
  const outcome = await reading.then(
    () => 'opened',
    (error) => error.name,
  )
  t.equal(outcome, 'SealingError')
})

async function issue(node: Node, school: TestSchool, subject: string): Promise<void> {
  const [issuing, seller] = [node as unknown as IssuingNode, school as unknown as Seller]
  const order = { holder: STORY_PUPILS.guardians[0], subject, credentials: ['pupil'], grant: 'pre-authorized_code' }
  const wallet = await new TestWallet(issuing, seller).take(await makeOffer(issuing, seller, order))
  const reply = await wallet.askFor('pupil', 2)
  if (reply.statusCode !== 200) throw new Error(`no credential: ${reply.statusCode} ${reply.body}`)
}

const states = async (node: Node, { slug }: TestSchool): Promise<string[]> =>
  (await node.db(slug).many<{ state: string }>(sql`select state from issuance order by intended_at, id`)).map(
    ({ state }) => state,
  )

t.test('when a pupil leaves, everything that was issued about that pupil is revoked, and nothing else', async (t) => {
  const node = await openSchoolNode(t)
  const school = await node.addSchool()
  await admit(node, school.slug)
  await pullMembership(node.deps, await schoolOf(node, school.slug))
  await sendRoster(node, school, await zipRoster())
  await issue(node, school, STORY_PUPILS.child)
  node.clock.advance(1)
  await issue(node, school, STORY_PUPILS.sibling)
  await sendRoster(node, school, await deliveryWithout(school, STORY_PUPILS.child))
  t.same(await states(node, school), ['revoked', 'delivered'])
})

t.test('when somebody loses authority, what says otherwise is revoked with the next delivery', async (t) => {
  const node = await openSchoolNode(t)
  const school = await node.addSchool()
  await admit(node, school.slug)
  await pullMembership(node.deps, await schoolOf(node, school.slug))
  await sendRoster(node, school, await zipRoster())
  await issue(node, school, STORY_PUPILS.child)
  node.clock.advance(1)
  await issue(node, school, STORY_PUPILS.sibling)
  const [mother, father] = STORY_PUPILS.guardians
  const [first = '', ...rest] = rosterText('users.csv').split(`\n${STORY_PUPILS.sibling},`)
  const users = [first.replace(`{${mother}:joint},{${father}:joint}`, `{${mother}:sole}`), ...rest].join(
    `\n${STORY_PUPILS.sibling},`,
  )
  const reply = await sendRoster(node, school, await zipRoster(undefined, { 'users.csv': users }))
  t.match(reply.report.changes, { changed: 1 })
  t.same(await states(node, school), ['revoked', 'delivered'])
  const facts = async (guardian: string) =>
    readGuardianFacts(node.deps, await schoolOf(node, school.slug), guardian, STORY_PUPILS.child)
  t.match(await facts(mother), { authority: 'sole', coHolderCount: 0 })
  t.equal(await facts(father), undefined)
})

t.test('another group or a new year revokes nothing', async (t) => {
  const node = await openSchoolNode(t)
  const school = await node.addSchool()
  await admit(node, school.slug)
  await pullMembership(node.deps, await schoolOf(node, school.slug))
  await sendRoster(node, school, await zipRoster())
  await issue(node, school, STORY_PUPILS.child)
  const classes = rosterText('classes.csv').replace('Groep 8', 'Groep 8 rood')
  await sendRoster(node, school, await zipRoster(undefined, { 'classes.csv': classes }))
  t.same(await states(node, school), ['delivered'])
})
