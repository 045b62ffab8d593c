import { type Db, type Sql, sql, type Tx } from '@samen/pg-kit'
import { hashSecret } from '@samen/sealing'
import t from 'tap'
import { receiveNotification } from '../src/notification/receive-notification.ts'
import { authenticateWallet } from '../src/token/authenticate-wallet.ts'
import { openNode, schoolOf } from './support/issuing-school.ts'
import { TestWallet, walletFor } from './support/playing-wallet.ts'

t.test('the notification endpoint', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  for (const ref of ['anna', 'bram']) await school.addPupil(ref)
  const issued = async (ref: string) => {
    const { wallet } = await walletFor(node, school, ref)
    return { wallet, id: (await wallet.askFor('pupil', 2)).json().notification_id as string }
  }
  const states = () =>
    node
      .db(school.slug)
      .many<{ state: string; event: string | null }>(sql`select state, event from issuance order by event`)

  t.test('a wallet reports what it did, once or twice', async (t) => {
    const { wallet, id } = await issued('anna')
    for (let i = 0; i < 2; i++) {
      const reply = await wallet.notify({ notification_id: id, event: 'credential_accepted', extra: 1 })
      t.equal(reply.statusCode, 204)
      t.equal(reply.body, '')
    }
    t.same(await states(), [{ state: 'delivered', event: 'credential_accepted' }])
  })

  t.test('copies that were not stored are revoked: nobody should hold them', async (t) => {
    for (const event of ['credential_failure', 'credential_deleted']) {
      const { wallet, id } = await issued('anna')
      for (let i = 0; i < 2; i++) t.equal((await wallet.notify({ notification_id: id, event })).statusCode, 204)
    }
    t.same(await states(), [
      { state: 'delivered', event: 'credential_accepted' },
      { state: 'revoked', event: 'credential_deleted' },
      { state: 'revoked', event: 'credential_failure' },
    ])
  })

  t.test(
    'what breaks between the report and the revocation leaves neither, so that the wallet tells it again',
    async (t) => {
      const { wallet, id } = await issued('anna')
      const { deps } = node
      const held = await schoolOf(deps, school.slug)
      const report = { notification_id: id, event: 'credential_failure' }
      const receive = (db: Db) =>
        receiveNotification(
          { ...deps, db },
          held,
          authenticateWallet(deps, held, { ...wallet.headers('notification'), endpoint: 'notification' }),
          report,
        )
      await t.rejects(receive(breakingAtRevocation(deps.db)), /broken/)
      const state = () =>
        node.db(school.slug).one(sql`select state, event from issuance where notification_hash = ${hashSecret(id)}`)
      t.same(await state(), { state: 'delivered', event: null })
      await receive(deps.db)
      t.same(await state(), { state: 'revoked', event: 'credential_failure' })
    },
  )

  t.test('an id that is unknown and one of somebody else are refused alike', async (t) => {
    const anna = await issued('anna')
    const bram = await issued('bram')
    const unknown = await anna.wallet.notify({ notification_id: 'x', event: 'credential_deleted' })
    const foreign = await anna.wallet.notify({ notification_id: bram.id, event: 'credential_deleted' })
    t.equal(unknown.statusCode, 400)
    t.equal(unknown.json().error, 'invalid_notification_id')
    t.equal(foreign.body, unknown.body)
    t.equal((await states()).filter(({ state }) => state === 'delivered').length, 3)
  })

  t.test('anything else is invalid_notification_request', async (t) => {
    const { wallet, id } = await issued('anna')
    for (const body of [
      { notification_id: id, event: 'Credential_Accepted' },
      { notification_id: id },
      { event: 'credential_accepted' },
      { notification_id: id, event: 'credential_failure', event_description: 'geen "ruimte"' },
      '{',
      '',
    ]) {
      const reply = await wallet.notify(body)
      t.equal(reply.statusCode, 400)
      t.equal(reply.json().error, 'invalid_notification_request')
    }
    t.equal(
      (await wallet.notify('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).json().error,
      'invalid_notification_request',
    )
  })

  t.test('a token with its key is needed', async (t) => {
    const { wallet, id } = await issued('anna')
    const body = { notification_id: id, event: 'credential_accepted' }
    const none = await node.app.inject({
      method: 'POST',
      url: `/schools/${school.slug}/notification`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    })
    t.equal(none.statusCode, 401)
    t.equal(none.headers['www-authenticate'], 'DPoP algs="ES256"')
    const thief = new TestWallet(node, school)
    thief.accessToken = wallet.accessToken
    t.equal((await thief.notify(body)).statusCode, 401)
    const dpop = wallet.dpop('notification')
    t.equal((await wallet.notify(body, { dpop })).statusCode, 204)
    t.equal((await wallet.notify(body, { dpop })).json().error, 'invalid_dpop_proof')
    const other = { ...body, event: 'credential_failure' }
    t.equal((await wallet.notify(other, { dpop })).json().error, 'invalid_dpop_proof')
    t.notOk(
      (await states()).some(({ state, event }) => state === 'delivered' && event === 'credential_failure'),
      'and nothing is noted',
    )
    node.clock.advance(601)
    t.equal((await wallet.notify(body)).json().error, 'invalid_token')
  })
})

/** A database that fails when something is to be revoked. */
function breakingAtRevocation(db: Db): Db {
  const fail = (statement: Sql) => statement.text.includes("set state = 'revoked'")
  const breaking = (tx: Tx): Tx => ({
    ...tx,
    run: (statement) => (fail(statement) ? Promise.reject(new Error('broken')) : tx.run(statement)),
  })
  return {
    ...db,
    transaction: (work) => db.transaction((tx) => work(breaking(tx))),
    forTenant: (tenant) => breakingAtRevocation(db.forTenant(tenant)),
  }
}
