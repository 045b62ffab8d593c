import t from 'tap'
import { forgetOldTokensOfAll } from '../src/token/end-tokens.ts'
import { deskOrder, makeOffer, openNode, readCode } from './support/issuing-school.ts'
import { TestWallet, walletFor } from './support/playing-wallet.ts'

t.test('tokens and codes belong to a key', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const other = await node.addSchool('de-wilg', '01AB01')
  await school.addPupil('anna')
  const offered = async (credentials = ['pupil']) => {
    const offer = await makeOffer(node, school, deskOrder('anna', credentials))
    return { offer, code: await readCode(node, offer), txCode: offer.tx_code ?? '' }
  }
  const wallet = () => new TestWallet(node, school)
  const errorOf = (reply: { statusCode: number; json: () => { error?: string } }) =>
    `${reply.statusCode} ${reply.json().error}`

  t.test('without a proof of a key there is no token, and the code stays good', async (t) => {
    const { code, txCode } = await offered()
    const good = wallet()
    const redeem = (dpop: string | undefined) =>
      node.app.inject({
        method: 'POST',
        url: `/schools/${school.slug}/token`,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...(dpop !== undefined && { dpop }) },
        payload: new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
          'pre-authorized_code': code,
          tx_code: txCode,
        }).toString(),
      })
    const later = (seconds: number) => new Date(node.clock.now().getTime() + seconds * 1000)
    const proofs = [
      undefined,
      'nonsense',
      good.dpop('token', { htm: 'GET' }),
      good.dpop('credential'),
      good.dpop('token', { htu: `${other.entityId}/token` }),
      good.dpop('token', { htu: `http://issuer.test/schools/${school.slug}/token` }),
      good.dpop('token', { now: later(600) }),
      good.dpop('token', { now: later(-600) }),
      `${good.dpop('token')}, ${good.dpop('token')}`,
      good.proof('n'),
    ]
    for (const dpop of proofs) t.equal(errorOf(await redeem(dpop)), '400 invalid_dpop_proof')
    t.equal(
      (await redeem(good.dpop('token', { htu: `HTTPS://ISSUER.TEST:443/schools/${school.slug}/token?x=1#y` })))
        .statusCode,
      200,
    )
  })

  t.test('a clock ten seconds off passes; one proof serves once', async (t) => {
    const one = await offered()
    const two = await offered()
    const three = await offered()
    const holder = wallet()
    const at = (seconds: number) => new Date(node.clock.now().getTime() + seconds * 1000)
    const early = holder.dpop('token', { now: at(10) })
    t.equal((await holder.redeem(one.code, one.txCode, {}, { dpop: early })).statusCode, 200)
    t.equal(
      (await holder.redeem(two.code, two.txCode, {}, { dpop: holder.dpop('token', { now: at(-10) }) })).statusCode,
      200,
    )
    t.equal(
      errorOf(await holder.redeem(three.code, three.txCode, {}, { dpop: early })),
      '400 invalid_dpop_proof',
      'replayed',
    )
    t.equal((await holder.redeem(three.code, three.txCode)).statusCode, 200, 'and the code stayed good')
  })

  t.test('a token is nothing without its key, its proof and its endpoint', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const thief = new TestWallet(node, school)
    thief.accessToken = wallet.accessToken
    const ask = async (headers: Record<string, string>) => {
      const reply = await wallet.ask({}, headers)
      return `${reply.statusCode} ${/error="(\w+)"/.exec(String(reply.headers['www-authenticate']))?.[1]}`
    }
    const later = (seconds: number) => new Date(node.clock.now().getTime() + seconds * 1000)
    t.equal(await ask({ authorization: `Bearer ${wallet.accessToken}` }), '401 invalid_token')
    t.equal(await ask({ dpop: '' }), '401 invalid_dpop_proof')
    t.equal(await ask({ dpop: thief.dpop('credential') }), '401 invalid_token', 'another key')
    t.equal(
      await ask({ dpop: wallet.dpop('credential', { accessToken: 'not-used' }) }),
      '401 invalid_dpop_proof',
      'no ath',
    )
    t.equal(await ask({ dpop: wallet.dpop('credential', { accessToken: 'other' }) }), '401 invalid_dpop_proof')
    t.equal(await ask({ dpop: wallet.dpop('notification') }), '401 invalid_dpop_proof')
    t.equal(await ask({ dpop: wallet.dpop('credential', { htm: 'GET' }) }), '401 invalid_dpop_proof')
    t.equal(await ask({ dpop: wallet.dpop('credential', { now: later(600) }) }), '401 invalid_dpop_proof')
    t.equal(await ask({ dpop: wallet.dpop('credential', { now: later(-600) }) }), '401 invalid_dpop_proof')
    const dpop = wallet.dpop('credential')
    const jwt = async () => [wallet.proof(await wallet.nonce())]
    const body = async () => ({ credential_configuration_id: 'pupil', proofs: { jwt: await jwt() } })
    t.equal((await wallet.ask(await body(), { dpop })).statusCode, 200)
    const replayed = await wallet.ask(await body(), { dpop })
    t.equal(errorOf(replayed), '401 invalid_dpop_proof', 'the same proof of the key twice')
    t.match(replayed.headers['www-authenticate'], 'DPoP')
  })
  t.test('a used proof is not forgotten while a process with a slower clock would still take it', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const body = async () => ({
      credential_configuration_id: 'pupil',
      proofs: { jwt: [wallet.proof(await wallet.nonce())] },
    })
    const dpop = wallet.dpop('credential')
    t.equal((await wallet.ask(await body(), { dpop })).statusCode, 200)
    const ahead = new Date(node.clock.now().getTime() + 160_000)
    await forgetOldTokensOfAll({ ...node.deps, now: () => ahead })
    node.clock.advance(149)
    t.equal(errorOf(await wallet.ask(await body(), { dpop })), '401 invalid_dpop_proof')
  })
})
