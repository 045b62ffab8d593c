import { lookInto } from '@samen/test-kit'
import t from 'tap'
import { checkIssuer } from './check-issuer.ts'
import { checkNode } from './check-node.ts'
import { deskOrder, makeOffer, openNode } from './issuing-school.ts'
import { createListReader } from './list-reader.ts'

/** What a program error or a hand on the keyboard may do to a database, and all that has to be said of it. `$` stands for a copy's issuance. */
const DAMAGE: readonly [string, string[], 'all copies are held'?][] = [
  [
    `alter table status_index drop constraint status_index_pkey;
     update status_index set idx = (select max(idx) from status_index where issuance = $alive) where issuance = $alive`,
    ['a place in a list was given twice', 'a wallet has a copy that the school does not know'],
  ],
  [
    `update status_index set idx = 131072 where issuance = $dead and idx = (select min(idx) from status_index where issuance = $dead)`,
    [
      'a place lies in no list',
      'a revoked copy is not revoked in the published list',
      'a place of nobody is revoked in the published list',
    ],
  ],
  [
    `drop index status_index_key; update status_index set key_tag = sha256('same') where issuance = $dead`,
    ['a key of a holder is in two copies'],
  ],
  [
    `insert into audit_event select tenant, gen_random_uuid(), at, actor, action, object, outcome from audit_event
     where action = 'offer.redeemed' limit 1`,
    ['a code was used twice'],
  ],
  [
    `alter table access_token drop constraint access_token_tenant_offer_key;
     insert into access_token select tenant, sha256('another'), offer, jkt, configurations, uses_identifiers, expires_at
     from access_token limit 1`,
    ['a code gave two tokens'],
  ],
  [
    `insert into access_token select tenant, sha256('another'), id, repeat('k', 43), configurations, false, now()
     from offer where state = 'open'`,
    ['a token lives whose code was not used'],
  ],
  [
    `delete from audit_event where object = (select offer from issuance where id = $alive)`,
    ['copies were issued without a used code'],
  ],
  [
    `insert into status_index select tenant, list, idx # 1, 'nothing', sha256('new') from status_index where issuance = $alive limit 1`,
    ['a place was taken without an intent'],
  ],
  [
    `insert into audit_event values ('de-regenboog', gen_random_uuid(), now(), 'wallet', 'credential.issued', 'nothing', 'ok')`,
    ['copies were handed over without an intent'],
  ],
  [
    `update issuance set copies = copies + 1 where id = $alive`,
    ['copies that were handed over have no place, or one too many', 'an offer counts other copies than it gave'],
  ],
  [
    `update issuance set copies = copies - 1 where id = $dead`,
    ['copies that were handed over have no place, or one too many', 'an offer counts other copies than it gave'],
  ],
  [`update issuance set state = 'intended' where id = $alive`, ['copies were neither handed over nor taken back']],
  [
    `delete from audit_event where object in ($alive, $dead)`,
    ['the journal does not say that copies were handed over, or taken back'],
  ],
  [
    `update offer set copies_left[1] = copies_left[1] + 1 where state = 'open'`,
    ['an offer counts other copies than it gave'],
  ],
  [`update offer set pupil = null where state = 'open'`, ['an offer about a pupil who left still stands']],
  [
    `update offer set pupil = null, state = 'cancelled', sealed = null where id = (select offer from issuance where id = $alive);
     delete from access_token`,
    ['a copy about a pupil who left is not revoked'],
  ],
  [
    `insert into status_list (tenant, id, size, is_open, created_at) values ('de-regenboog', repeat('L', 22), 8, false, now())`,
    ['a list is not published by its school'],
  ],
  [
    `insert into audit_event select tenant, gen_random_uuid(), now(), 'school', 'credential.revoked', id, 'ok' from issuance;
     update issuance set state = 'revoked', revoked_at = now() where id = $alive`,
    ['a revoked copy is not revoked in the published list'],
  ],
  [
    `update issuance set state = 'delivered', revoked_at = null where id = $dead`,
    ['a copy that is not revoked is revoked in the published list'],
  ],
  [`delete from status_index where issuance = $dead`, ['a place of nobody is revoked in the published list']],
  [
    `update status_list set is_open = false, is_fenced = true`,
    ['a place of nobody is valid in a list from before the database was set back'],
  ],
  [
    `delete from status_index where issuance = $alive`,
    [
      'copies that were handed over have no place, or one too many',
      'a wallet has a copy that the school does not know',
    ],
  ],
  [`select 1`, ['copies count as handed over that no wallet has'], 'all copies are held'],
]

t.test('an issuer whose database was damaged is found out, whatever the damage is', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')
  const { held, issue, published } = createListReader(node, school)
  const [alive, dead] = [await issue(2), await issue(2)]
  const url = `/v1/schools/${school.slug}/credentials/${dead.id}/revocation`
  await node.app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${school.apiKey}` } })
  await published(dead.place)
  await makeOffer(node, school, deskOrder('anna'))
  t.same(await checkNode(node, held), [], 'nothing is said of a sound one')

  const { clock, federation, config } = node
  const get = async (address: string) => (await node.app.inject({ url: new URL(address).pathname })).body
  const seen = { publicUrl: config.publicUrl, caPem: federation.anchor.caPem, now: clock.now, get, isAllHeld: false }
  await lookInto(node.superuserUrl, async (database) => {
    for (const [damage, sentences, areAllHeld] of DAMAGE) {
      // A superuser may go past every key and trigger; nobody keeps the damage.
      await database.query('begin')
      await database.query(`set local session_replication_role = 'replica'`)
      await database.query(damage.replaceAll('$alive', `'${alive.id}'`).replaceAll('$dead', `'${dead.id}'`))
      const found = await checkIssuer(database, {
        ...seen,
        held: areAllHeld ? [] : alive.places,
        isAllHeld: areAllHeld !== undefined,
      })
      await database.query('rollback')
      t.same(
        found.map((sentence) => sentence.replace(/ \(.*/, '')),
        sentences,
        damage,
      )
    }
  })
})
