import { generateSigningKey } from '@samen/jwt-profile'
import { lookInto } from '@samen/test-kit'
import t from 'tap'
import { CHILD } from '../../scripts/story/cast.ts'
import { checkNetwork, placeOf } from '../check-network.ts'
import { startAgain, startNetwork } from '../network.ts'
import { type Answer, fetchNonce, keyProof, makeOffer, postCredential, redeem } from '../raw-wallet.ts'

t.test('a school whose process is killed while it signs leaves no live copy that nobody holds', async (t) => {
  const story = await startNetwork(t, 'roster')
  const url = story.databases.superuserUrls?.issuer ?? ''
  const accesses = await Promise.all(Array.from({ length: 8 }, async () => redeem(await makeOffer(story, CHILD))))
  const orders = await Promise.all(
    accesses.map(async (access) => {
      const nonce = await fetchNonce(access.issuer)
      const jwt = Array.from({ length: 10 }, () => keyProof(generateSigningKey(), { issuer: access.issuer, nonce }))
      return { access, body: { credential_configuration_id: 'pupil', proofs: { jwt } } }
    }),
  )
  const cutOff: Answer = { status: 0, body: {} }
  const answers = orders.map(({ access, body }) => postCredential(access, body).catch(() => cutOff))
  await untilIntent(url)
  story.services.processes.issuer.kill('SIGKILL')
  const received = (await Promise.all(answers)).filter(({ status }) => status === 200)

  await startAgain(story, 'issuer')
  const copies: string[] = received.flatMap(({ body }) =>
    body.credentials.map(({ credential }: { credential: string }) => credential),
  )
  t.same(await checkNetwork(story, copies.map(placeOf)), [])
  t.ok((await countRows(url, `select 1 from issuance where state = 'revoked'`)) > 0, 'the kill came in between')
})

function countRows(url: string, query: string): Promise<number> {
  return lookInto(url, async (database) => (await database.query(query)).rows.length)
}

/** Looks as fast as it can: the moment between claim and delivery is short. */
function untilIntent(url: string): Promise<void> {
  return lookInto(url, async (database) => {
    for (let looks = 0; looks < 20_000; looks += 1) {
      const { rows } = await database.query(`select 1 from issuance where state = 'intended'`)
      if (rows.length > 0) return
    }
    throw new Error('no intent was ever seen')
  })
}
