import { generateSigningKey } from '@samen/jwt-profile'
import { type Database, lookInto, until } from '@samen/test-kit'
import t from 'tap'
import { CHILD } from '../../scripts/story/cast.ts'
import type { Story } from '../../scripts/story/story.ts'
import { checkNetwork, placeOf } from '../check-network.ts'
import { startAgain, startNetwork } from '../network.ts'
import { type Answer, fetchNonce, keyProof, makeOffer, postCredential, redeem } from '../raw-wallet.ts'

t.test('a school whose process is killed while it issues leaves no live copy that nobody holds', async (t) => {
  const story = await startNetwork(t, 'roster')
  const url = story.databases.superuserUrls?.issuer ?? ''

  await t.test('between the claim of the places and the hand-over', async (t) => {
    const orders = await prepareOrders(story)
    const answers = await lookInto(url, (database) => killAfterClaim(story, database, () => orders.map(post)))
    t.equal((await received(answers)).length, 0, 'nothing had left')

    await startAgain(story, 'issuer')
    t.same(await checkNetwork(story, []), [])
    t.equal(await countRevoked(url), ORDERS, 'every claim was taken back')
  })

  await t.test('while some wallets have their copies already', async (t) => {
    const answers = (await prepareOrders(story)).map(post)
    await Promise.any(answers)
    story.services.processes.issuer.kill('SIGKILL')
    const copies = await received(answers)

    await startAgain(story, 'issuer')
    t.same(await checkNetwork(story, copies.map(placeOf)), [])
  })
})

const ORDERS = 8

interface Order {
  readonly access: Awaited<ReturnType<typeof redeem>>
  readonly body: object
}

/** Eight wallets, each with a token and ten proven keys. */
async function prepareOrders(story: Story): Promise<Order[]> {
  const accesses = await Promise.all(Array.from({ length: ORDERS }, async () => redeem(await makeOffer(story, CHILD))))
  return Promise.all(
    accesses.map(async (access) => {
      const nonce = await fetchNonce(access.issuer)
      const jwt = Array.from({ length: 10 }, () => keyProof(generateSigningKey(), { issuer: access.issuer, nonce }))
      return { access, body: { credential_configuration_id: 'pupil', proofs: { jwt } } }
    }),
  )
}

const post = ({ access, body }: Order): Promise<Answer> => postCredential(access, body)

/** The copies that arrived; who was cut off has none. */
async function received(answers: readonly Promise<Answer>[]): Promise<string[]> {
  const settled = await Promise.allSettled(answers)
  return settled.flatMap((answer) =>
    answer.status === 'fulfilled' && answer.value.status === 200
      ? answer.value.body.credentials.map(({ credential }: { credential: string }) => credential)
      : [],
  )
}

/**
 * Holds the claims in the database until all of them stand there, stops the process, lets the claims through, and kills the process before
 * it could read that they succeeded.
 */
async function killAfterClaim(
  { services }: Story,
  database: Database,
  order: () => Promise<Answer>[],
): Promise<Promise<Answer>[]> {
  await database.query('begin')
  await database.query('lock table issuance in share mode')
  const answers = order()
  for (const answer of answers) answer.catch(() => undefined)
  const count = async (query: string) => (await database.query(query)).rows.length
  const held = `select from pg_locks where relation = 'issuance'::regclass and not granted`
  await until('all claims are held', async () => (await count(held)) === ORDERS)
  services.processes.issuer.kill('SIGSTOP')
  await database.query('commit')
  const intended = `select from issuance where state = 'intended'`
  await until('all intents stand', async () => (await count(intended)) === ORDERS)
  services.processes.issuer.kill('SIGKILL')
  return answers
}

function countRevoked(url: string): Promise<number> {
  return lookInto(
    url,
    async (database) => (await database.query(`select from issuance where state = 'revoked'`)).rows.length,
  )
}
