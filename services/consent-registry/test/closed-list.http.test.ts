import { sql } from '@samen/pg-kit'
import { readStatusListToken, statusAt } from '@samen/status-list'
import { certifiedKeys } from '@samen/test-kit'
import t from 'tap'
import { createPublishedLists } from '../src/consent-list/published-lists.ts'
import { signLists } from '../src/consent-list/sign-lists.ts'
import { countStatements } from './support/count-statements.ts'
import { askAboutKim } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { decide } from './support/wallet.ts'

t.test('what the registry does every two seconds for lists in which nothing happens', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const { ask, hold } = await askAboutKim(world)
  const alone = () => hold('mother', { others: 0 })
  const give = async () => {
    const handle = await ask()
    await decide(world, handle, 'yes', alone())
    const place = await deps.db.one<{ list: string; idx: number }>(
      sql`select list, list_index as idx from consent_request where handle = ${handle}`,
    )
    return { handle, ...place }
  }
  const served = async (list: string) => (await world.call('GET', `/consent-lists/${list}`)).status
  const bitOf = async ({ list, idx }: { list: string; idx: number }) => {
    const uri = `${world.url}/consent-lists/${list}`
    const keyFor = certifiedKeys(deps.anchor.caPem, world.clock.now)
    return statusAt(
      readStatusListToken((await world.call('GET', uri)).text, { uri, keyFor, now: world.clock.now() }),
      idx,
    )
  }
  /** How many statements one round takes. */
  const round = async () => {
    const { db, count } = countStatements(deps.db)
    await signLists({ ...deps, db })
    return count()
  }

  t.test('places are read again only in a list in which somebody took a consent back', async (t) => {
    const consent = await give()
    await round()
    const idle = await round()
    await decide(world, consent.handle, 'withdraw', alone())
    // Another process has its own memory, and this one's timer runs beside the test: what counts is that a round costs less.
    const fresh = countStatements(deps.db)
    await signLists({ ...deps, db: fresh.db, lists: createPublishedLists() })
    t.ok(idle < fresh.count(), `${idle} statements, and ${fresh.count()} to read everything`)
    await signLists(deps)
    t.equal(await bitOf(consent), 1)
  })

  t.test('a list that has just been closed is not the one from which places are claimed', async (t) => {
    const full = 'F'.repeat(22)
    await deps.db.run(
      sql`insert into consent_list (id, size, created_at) values (${full}, 4, ${new Date('2026-01-01T00:00:00Z')})`,
    )
    await deps.db.run(sql`insert into consent_index (list, idx) select ${full}, n from generate_series(0, 2) n`)
    const lists = createPublishedLists()
    await signLists({ ...deps, lists })
    t.ok(lists.has(full), 'it is signed, since consents live in it')
    t.ok(lists.openList())
    t.not(lists.openList(), full)
  })

  t.test('the database counts what is taken back, whoever takes it back', async (t) => {
    const { list, idx } = await give()
    const counted = async () =>
      (await deps.db.one<{ revoked: number }>(sql`select revoked from consent_list where id = ${list}`)).revoked
    const before = await counted()
    await deps.db.run(sql`update consent_index set revoked = true where list = ${list} and idx = ${idx}`)
    await deps.db.run(sql`update consent_index set revoked = true where list = ${list} and idx = ${idx}`)
    t.equal(await counted(), before + 1)
  })

  t.test('a full list is signed as long as one consent in it may live, and not for ever', async (t) => {
    const consent = await give()
    const { list } = consent
    await deps.db.run(sql`update consent_list set closed_at = now() where id = ${list}`)
    await signLists(deps)
    t.equal(await served(list), 200)
    t.equal(await bitOf(consent), 0, 'a closed list still says that its consents live')
    t.not((await give()).list, list, 'and takes no new one')
    await decide(world, consent.handle, 'withdraw', alone())
    await signLists(deps)
    t.equal(await served(list), 404, 'nothing in it lives, and nothing ever will')
    await deps.db.run(sql`
      insert into consent_index (list, idx) select ${list}, n from generate_series(0, 9) as n
      where not exists (select from consent_index i where i.list = ${list} and i.idx = n) limit 1`)
    await signLists(deps)
    t.equal(await served(list), 200, 'unless somebody took a place in the moment in which it was closed')
  })
})
