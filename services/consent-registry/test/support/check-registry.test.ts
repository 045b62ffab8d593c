import { lookInto, until } from '@samen/test-kit'
import t from 'tap'
import { checkRegistry } from './check-registry.ts'
import { checkWorld, seenOf } from './check-world.ts'
import { agreeOnPurpose, holdGuardianship, openRequest } from './members.ts'
import { startWorld } from './registry.ts'
import { decide } from './wallet.ts'

const NOT_WHAT_IS_PUBLISHED = 'what a published list says is revoked, is not what is revoked'

/** What a program error or a hand on the keyboard may do to a database, and all that has to be said of it. */
const DAMAGE: readonly [string, string[]][] = [
  [
    `alter table consent_request drop constraint consent_request_list_list_index_key;
     update consent_request set list_index = (select list_index from consent_request where handle = $alive)
     where handle = $other`,
    ['a place in a list was given to two consents', 'a place is taken and belongs to no consent, or lies in no list'],
  ],
  [
    `insert into consent_index select list, idx # 1, false from consent_index limit 1`,
    ['a place is taken and belongs to no consent, or lies in no list'],
  ],
  [
    `update consent_index set revoked = true where idx = (select list_index from consent_request where handle = $alive)`,
    ['a consent that lives is revoked, or has no place', NOT_WHAT_IS_PUBLISHED],
  ],
  [
    `update consent_index set revoked = false where idx = (select list_index from consent_request where handle = $dead)`,
    ['a consent that ended is not revoked', NOT_WHAT_IS_PUBLISHED],
  ],
  [`update decision set word = 'no' where handle = $alive`, ['a consent was given, refused or withdrawn by nobody']],
  [
    `delete from decision where handle = $dead and word = 'withdraw'`,
    [
      'a consent was given, refused or withdrawn by nobody',
      'the log holds less, or more, than what happened to a request',
    ],
  ],
  [
    `insert into purpose select id, version + 1, app, app_name, document, hash, message, valid_until, registered_at from purpose`,
    ['the log holds fewer events than there are purposes and agreements'],
  ],
  [
    `insert into log_event (id, commitment, at) values (repeat('E', 22), sha256('event'), now())`,
    ['an event waits in vain for its place in the log'],
  ],
  [
    `insert into consent_list (id, size, created_at) values (repeat('L', 22), 8, now())`,
    ['a list of consents is not published'],
  ],
  [
    `update log_event set idx = idx + 1 where idx = (select max(idx) from log_event)`,
    ['the places in the log have a gap'],
  ],
  [
    `update log_event set commitment = sha256('another past') where idx = 0`,
    ['the tiles of the log are not those of its events', 'the log does not build to its signed root'],
  ],
  [
    `update log_tile set bytes = sha256('x') || substring(bytes from 33) where level = 0`,
    ['the tiles of the log are not those of its events'],
  ],
  [`delete from log_tile where level = -1`, ['the tiles of the log are not those of its events']],
]

t.test('a registry whose database was damaged is found out, whatever the damage is', async (t) => {
  const world = await startWorld(t)
  const { school, app, purpose } = await agreeOnPurpose(world)
  const hold = (child: string) => holdGuardianship(world, school, { child, guardian: 'mother', apps: [app], others: 0 })
  const [alive, other, dead] = ['kim', 'sam', 'bo'].map(async (child) => {
    const handle = await openRequest(world, school, app, purpose)
    await decide(world, handle, 'yes', hold(child))
    return handle
  })
  const handles = { $alive: await alive, $other: await other, $dead: await dead }
  await decide(world, handles.$dead ?? '', 'withdraw', hold('bo'))
  await until('the receipts arrived', () => app.receipts.length >= 2)
  t.same(await checkWorld(world), [], 'nothing is said of a sound one')

  await lookInto(world.superuserUrl, async (database) => {
    for (const [damage, sentences] of DAMAGE) {
      // A superuser may go past every key and trigger; nobody keeps the damage.
      await database.query('begin')
      await database.query(`set local session_replication_role = 'replica'`)
      await database.query(damage.replaceAll(/\$\w+/g, (name) => `'${handles[name as keyof typeof handles]}'`))
      const found = await checkRegistry(database, seenOf(world))
      await database.query('rollback')
      t.same(
        found.map((sentence) => sentence.replace(/ \(.*/, '')),
        sentences,
        damage,
      )
    }
  })
})
