import { sql } from '@samen/pg-kit'
import t from 'tap'
import { jumpFenceAfterRestore } from '../src/status/jump-fence.ts'
import { type Node, openSchoolNode, type TestSchool } from './support/roster-node.ts'

const ALL = ['roster', 'agreements', 'offers', 'credentials']

function keys(
  node: Node,
  { slug }: TestSchool,
  key: string,
  method: 'GET' | 'POST' | 'DELETE',
  more = '',
  body?: object,
) {
  const headers = { authorization: `Bearer ${key}` }
  return node.app.inject({
    method,
    url: `/v1/schools/${slug}/api-keys${more}`,
    headers,
    ...(body && { payload: body }),
  })
}

/** As if a backup from before the deletions had been put back. */
async function setBack(node: Node, { slug }: TestSchool): Promise<void> {
  await node.db(slug).run(sql`update api_key set revoked_at = null`)
  const mark = await node.deps.databaseMark.read()
  if (mark === undefined) throw new Error('nothing was noted')
  await node.deps.databaseMark.write({ ...mark, noted: mark.noted + 1_000 })
}

async function openSchool(t: Parameters<typeof openSchoolNode>[0]) {
  const node = await openSchoolNode(t)
  const school = await node.addSchool()
  await jumpFenceAfterRestore(node.deps)
  const add = async (scopes: readonly string[]) =>
    (await keys(node, school, school.apiKey, 'POST', '', { scopes })).json() as { id: string; api_key: string }
  const statusOf = async (key: string) => (await keys(node, school, key, 'GET')).statusCode
  return { node, school, add, statusOf }
}

t.test('a key that was deleted opens nothing again when an older database is put back', async (t) => {
  const { node, school, add, statusOf } = await openSchool(t)
  const [gone, kept] = [await add(['roster']), await add(['offers'])]
  t.equal((await keys(node, school, school.apiKey, 'DELETE', `/${gone.id}`)).statusCode, 204)
  await setBack(node, school)
  t.equal(await statusOf(gone.api_key), 403, 'the database has forgotten the deletion')
  t.equal(await jumpFenceAfterRestore(node.deps), true)
  t.equal(await statusOf(gone.api_key), 401)
  t.equal(await statusOf(kept.api_key), 403, 'the others are as they were')
  t.equal(await statusOf(school.apiKey), 200)
  const events = await node
    .db(school.slug)
    .many(
      sql`select actor from audit_event where object = ${gone.id} and action = 'api-key.deleted' and actor = 'fence'`,
    )
  t.equal(events.length, 1)
})

t.test(
  'when nothing but deleted keys is left, the youngest that may do everything stays: the school is not shut out',
  async (t) => {
    const { node, school, add, statusOf } = await openSchool(t)
    node.clock.advance(1)
    const second = await add(ALL)
    await node
      .db(school.slug)
      .run(sql`update api_key set created_at = created_at + interval '1 hour' where id = ${second.id}`)
    const third = await add(ALL)
    const first = (await keys(node, school, school.apiKey, 'GET'))
      .json()
      .api_keys.find(({ id }: { id: string }) => ![second.id, third.id].includes(id))
    for (const id of [first.id, second.id])
      t.equal((await keys(node, school, third.api_key, 'DELETE', `/${id}`)).statusCode, 204)
    // The backup is from before the third key was made.
    await setBack(node, school)
    await node.db(school.slug).run(sql`update api_key set revoked_at = now() where id = ${third.id}`)
    t.equal(await jumpFenceAfterRestore(node.deps), true)
    t.equal(await statusOf(school.apiKey), 401)
    t.equal(await statusOf(second.api_key), 200)
  },
)
