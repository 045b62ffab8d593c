import { generateSigningKey } from '@samen/jwt-profile'
import pg from 'pg'
import t from 'tap'
import { startService, untilHealthy } from '../../scripts/network/services.ts'
import { CHILD } from '../../scripts/story/cast.ts'
import { until } from '../../scripts/story/until.ts'
import { NEVER, startNetwork } from '../network.ts'
import { fetchNonce, keyProof, makeOffer, postCredential, redeem } from '../raw-wallet.ts'

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
  const answers = orders.map(({ access, body }) =>
    postCredential(access, body).then(
      ({ status }) => status,
      () => 0,
    ),
  )
  await untilRows(url, `select 1 from issuance where state = 'intended'`)
  story.services.processes.issuer.kill('SIGKILL')
  const received = (await Promise.all(answers)).filter((status) => status === 200).length

  const restarted = startService(story.settings, 'issuer', story.databases.urls.issuer, 'debug')
  t.teardown(() => void restarted.process.kill('SIGKILL'))
  await untilHealthy(story.settings, 'issuer', restarted, NEVER)
  await until(
    'undelivered copies are revoked',
    async () => (await rows(url, `select 1 from issuance where state = 'intended'`)) === 0,
  )
  t.ok(
    (await rows(url, `select 1 from issuance where state = 'delivered'`)) <= received,
    'nothing counts as delivered that no wallet has',
  )
  t.ok(
    (await rows(url, `select 1 from issuance where state = 'revoked'`)) > 0,
    'the kill came between claim and delivery',
  )
  t.equal(
    await rows(url, 'select 1 from status_index group by tenant, list, idx having count(*) > 1'),
    0,
    'no place was given twice',
  )
})

async function rows(url: string, query: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(query)).rowCount ?? 0
  } finally {
    await client.end()
  }
}

/** Looks as fast as it can: the moment between claim and delivery is short. */
async function untilRows(url: string, query: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (let looks = 0; looks < 20_000; looks += 1) if (((await client.query(query)).rowCount ?? 0) > 0) return
    throw new Error('no intent was ever seen')
  } finally {
    await client.end()
  }
}
