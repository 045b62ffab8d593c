import { type Db, type Sql, sql } from '@samen/pg-kit'
import t from 'tap'
import { revokeIssuance } from '../src/credential/revoke-credential.ts'
import { startJobs } from '../src/jobs.ts'
import { createSchoolStore } from '../src/school/school-store.ts'
import { createStatusLists } from '../src/status/status-lists.ts'
import { openNode, schoolOf } from './support/issuing-school.ts'
import { createListReader } from './support/list-reader.ts'

t.test('a school whose keys cannot be opened keeps no other school waiting', async (t) => {
  const lines: string[] = []
  const node = await openNode(t, { write: (line) => void lines.push(line) })
  // The first in the alphabet is visited first.
  const broken = await node.addSchool('de-appelboom', '01AB01')
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')
  const { issue, isRevoked } = createListReader(node, school)
  await node.db(broken.slug).run(sql`update school_key set sealed = ${Buffer.alloc(40)}`)
  node.deps.schools.forget(broken.slug)

  t.test('revocations of the others are published by the timer', async (t) => {
    const { id, place } = await issue()
    const held = await schoolOf(node.deps, school.slug)
    const deps = { ...node.deps, statusLists: { ...node.deps.statusLists, touch: () => undefined } }
    await node.db(school.slug).transaction((tx) => revokeIssuance(deps, tx, held, id, 'delivery'))
    await node.deps.statusLists.refreshAll()
    t.ok(await isRevoked(place))
    const errors = lines.filter((line) => line.includes('a task failed at one school'))
    t.ok(errors.some((line) => line.includes(broken.slug) && line.includes('publish-status-lists')))
  })

  t.test('a node starts with it, and the broken school is answered like a failure of ours', async (t) => {
    await startJobs({ ...node.deps, statusLists: createStatusLists(node.deps) })
    const reply = await node.app.inject({ method: 'POST', url: `/schools/${broken.slug}/nonce` })
    t.equal(reply.statusCode, 500)
    t.equal((await node.app.inject({ method: 'POST', url: `/schools/${school.slug}/nonce` })).statusCode, 200)
  })
})

t.test('names that no school has cost one statement in a second, however many are asked', async (t) => {
  const node = await openNode(t)
  const statements: Sql[] = []
  const { config, clock, deps } = node
  const schools = createSchoolStore({ ...deps, publicUrl: config.publicUrl, db: noting(deps.db, statements) })
  const unknown = (from: number) =>
    Promise.all(Array.from({ length: 200 }, (_, i) => schools.find(`school-${from + i}`)))
  t.ok([...(await unknown(0)), ...(await unknown(200))].every((school) => school === undefined))
  t.equal(statements.length, 1)
  // Another process adds a school.
  await node.addSchool('school-7', '01AB00')
  t.equal(await schools.find('school-7'), undefined, 'not seen yet')
  clock.advance(1)
  t.equal((await schools.find('school-7'))?.slug, 'school-7')
  t.equal(statements.length, 4, 'the names again, and the two rows of the school')
  await unknown(400)
  t.equal(statements.length, 4)
})

t.test('a school is there for the process that made it at once, also when its name was asked for before', async (t) => {
  const node = await openNode(t)
  t.equal(await node.deps.schools.find('de-regenboog'), undefined)
  await node.addSchool('de-regenboog', '01AB00')
  t.equal((await node.deps.schools.find('de-regenboog'))?.slug, 'de-regenboog')
})

t.test('while the database is away an unknown name is no answer, and afterwards it is', async (t) => {
  const node = await openNode(t)
  let isAway = true
  const many: Db['many'] = (statement) => (isAway ? Promise.reject(new Error('away')) : node.deps.db.many(statement))
  const { config, deps } = node
  const schools = createSchoolStore({ ...deps, publicUrl: config.publicUrl, db: { ...deps.db, many } })
  await t.rejects(schools.find('de-regenboog'), /away/)
  isAway = false
  t.equal(await schools.find('de-regenboog'), undefined)
})

function noting(db: Db, statements: Sql[]): Db {
  return {
    ...db,
    maybe: (statement: Sql) => statements.push(statement) && db.maybe(statement),
    many: (statement: Sql) => statements.push(statement) && db.many(statement),
    forTenant: (tenant: string) => noting(db.forTenant(tenant), statements),
  } as Db
}
