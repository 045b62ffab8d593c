import { generateSigningKey } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { openNode } from './support/issuing-school.ts'
import { createListReader } from './support/list-reader.ts'
import { walletFor } from './support/playing-wallet.ts'

t.test('copies of a credential', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')
  const { placeOf, isRevoked } = createListReader(node, school)
  const db = node.db(school.slug)
  const errorOf = (reply: { statusCode: number; json: () => { error?: string } }) =>
    `${reply.statusCode} ${reply.json().error}`

  t.test('one key is in one copy: asked for again it is refused, also for the other credential', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna', ['pupil', 'guardianship'])
    const key = generateSigningKey()
    const ask = async (configuration: string, keys = [key]) => {
      const nonce = await wallet.nonce()
      const jwt = keys.map((one) => wallet.proof(nonce, one))
      return wallet.ask({ credential_configuration_id: configuration, proofs: { jwt } })
    }
    t.equal((await ask('pupil')).statusCode, 200)
    t.equal(errorOf(await ask('pupil')), '400 invalid_proof')
    t.equal(errorOf(await ask('guardianship')), '400 invalid_proof')
    t.equal(errorOf(await ask('pupil', [generateSigningKey(), key])), '400 invalid_proof')
    t.equal((await ask('pupil', [generateSigningKey()])).statusCode, 200, 'a fresh key is welcome')
    t.match(await db.one(sql`select count(*) from status_index`), { count: 2 }, 'and nothing was left behind')
  })

  t.test('of five requests with one key at the same moment one is served', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const key = generateSigningKey()
    const nonces = await Promise.all(Array.from({ length: 5 }, () => wallet.nonce()))
    const replies = await Promise.all(
      nonces.map((nonce) =>
        wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt: [wallet.proof(nonce, key)] } }),
      ),
    )
    t.same(replies.map(errorOf).sort(), ['200 undefined', ...Array(4).fill('400 invalid_proof')])
  })

  t.test('each credential of an offer has its own twenty copies', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna', ['pupil', 'guardianship'])
    const ask = async (configuration: string, copies: number) => errorOf(await wallet.askFor(configuration, copies))
    t.equal(await ask('guardianship', 10), '200 undefined')
    t.equal(await ask('guardianship', 10), '200 undefined')
    t.equal(await ask('guardianship', 1), '400 credential_request_denied')
    t.equal(await ask('pupil', 10), '200 undefined')
    t.equal(await ask('pupil', 10), '200 undefined')
    t.equal(await ask('pupil', 1), '400 credential_request_denied')
  })

  t.test('a small list gives places of its own size, and a new one follows when it is half full', async (t) => {
    await db.run(sql`update status_list set is_open = false`)
    const first = await walletFor(node, school, 'anna')
    const uri = (await placesOf(await first.wallet.askFor('pupil')))[0]?.uri ?? ''
    const list = uri.split('/').at(-1) ?? ''
    await db.run(sql`update status_list set size = 16 where id = ${list}`)
    const { wallet } = await walletFor(node, school, 'anna')
    const places = [
      ...(await placesOf(await wallet.askFor('pupil', 10))),
      ...(await placesOf(await wallet.askFor('pupil', 10))),
    ]
    const inside = places.filter((place) => place.uri === uri)
    t.ok(inside.length > 8 && inside.length < 20)
    t.ok(inside.every(({ idx }) => idx < 16))
    t.equal(new Set(places.map((place) => `${place.uri} ${place.idx}`)).size, 20)
    t.equal(new Set(places.map((place) => place.uri)).size, 2)
    for (const place of places) t.notOk(await isRevoked(place), 'in a list that can be fetched')
    const open = await db.many<{ id: string }>(sql`select id from status_list where is_open`)
    t.equal(open.length, 1)
    t.not(open[0]?.id, list)
  })

  const placesOf = async (reply: { json: () => { credentials: { credential: string }[] } }) =>
    reply.json().credentials.map(({ credential }) => placeOf(credential))
})
