import { purposeHash } from '@samen/consent'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { createApp, purposeOf, registerPurpose, sendPurpose } from './support/members.ts'
import { startWorld } from './support/registry.ts'

t.test('what an app registers as its purpose', async (t) => {
  const world = await startWorld(t)
  const app = await createApp(world, 'rekenen')
  const other = await createApp(world, 'lezen')

  t.test('a purpose is published word for word, as a page, as JSON and as the app signed it', async (t) => {
    const purpose = await registerPurpose(world, app)
    const path = `/purposes/${purpose.id}/1`
    const { body } = await world.call('GET', path)
    t.same(body, {
      registry: world.url,
      app: app.entityId,
      app_name: 'App rekenen',
      purpose,
      purpose_hash: purposeHash(purpose),
    })
    const page = await world.call('GET', path, { accept: 'text/html' })
    t.match(page.text, 'Rekenen op eigen niveau')
    const signed = await world.call('GET', path, { accept: 'application/jwt' })
    t.equal(signed.text.split('.').length, 3)
    t.equal((await world.call('GET', `/purposes/${purpose.id}/2`)).status, 404)
  })

  t.test(
    'a registered version is never replaced, a new version may follow, and the id stays with its app',
    async (t) => {
      const purpose = await registerPurpose(world, app)
      const changed = { ...purpose, retention: 'P9Y' }
      t.equal((await sendPurpose(app, changed)).status, 409)
      t.equal((await sendPurpose(other, { ...changed, version: 2 })).status, 409)
      t.equal((await sendPurpose(app, { ...changed, version: 2 })).status, 201)
      const { body } = await world.call('GET', `/purposes/${purpose.id}/1`)
      t.equal(body.purpose.retention, 'P1Y')
    },
  )

  t.test('the database itself refuses to change a purpose', async (t) => {
    const { id } = await registerPurpose(world, app)
    await t.rejects(world.deps.db.run(sql`update purpose set app_name = 'x' where id = ${id}`), /never changed/)
    await t.rejects(world.deps.db.run(sql`delete from purpose where id = ${id}`), /never changed/)
  })

  t.test('two apps that claim one id at the same moment: one has it', async (t) => {
    const purpose = purposeOf(world)
    const replies = await Promise.all([sendPurpose(app, purpose), sendPurpose(other, { ...purpose, version: 2 })])
    t.same(replies.map(({ status }) => status).sort(), [201, 409])
  })

  t.test('two versions of a new purpose that one app sends at the same moment are both registered', async (t) => {
    for (let round = 0; round < 5; round += 1) {
      const purpose = purposeOf(world)
      const versions = [1, 2, 3, 4].map((version) => sendPurpose(app, { ...purpose, version }))
      const replies = await Promise.all(versions)
      t.same(
        replies.map(({ status }) => status),
        [201, 201, 201, 201],
      )
    }
  })

  t.test('a purpose that asks what does not exist, hides text, or ended long ago is refused', async (t) => {
    const good = purposeOf(world)
    const bad = [
      { ...good, claims: [{ fact: 'bsn', why: good.why }] },
      { ...good, claims: [good.claims[0], good.claims[0]] },
      { ...good, claims: [] },
      { ...good, title: { ...good.title, nl: 'Rekenen\u202e' } },
      { ...good, legal_basis: 'legitimate_interest' },
      { ...good, valid_until: '2020-01-01' },
      { ...good, valid_until: '2027-02-30' },
      { ...good, note: 'and everything else' },
    ]
    for (const purpose of bad)
      t.equal((await sendPurpose(app, purpose)).status, 400, JSON.stringify(purpose).slice(0, 60))
  })
})
