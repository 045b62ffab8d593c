import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { App } from '@samen/http-kit'
import { type Db, type Sql, sql } from '@samen/pg-kit'
import { startHttp, until } from '@samen/test-kit'
import t from 'tap'
import { createIssuerApp } from '../src/app.ts'
import { checkNode } from './support/check-node.ts'
import { deskOrder, type IssuingNode, makeOffer, openNode, readCode } from './support/issuing-school.ts'
import { TestWallet, walletFor } from './support/playing-wallet.ts'

// The defects that the Sphereon issuer ships with, each tried against the whole service. The ones that a single endpoint
// rules out stand with that endpoint; here is what only shows in a full issuance.

/** Everything written to stdout and stderr while `work` runs. */
async function outputOf(work: () => Promise<void>): Promise<string> {
  let text = ''
  const { write: out } = process.stdout
  const { write: err } = process.stderr
  const take = (chunk: unknown) => {
    text += String(chunk)
    return true
  }
  process.stdout.write = take as typeof out
  process.stderr.write = take as typeof err
  try {
    await work()
  } finally {
    process.stdout.write = out
    process.stderr.write = err
  }
  return text
}

t.test('a full issuance', async (t) => {
  const lines: string[] = []
  const node = await openNode(t, { write: (line) => void lines.push(line) })
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')

  t.test('prints nothing, and logs neither names nor codes, at the chattiest level', async (t) => {
    const secrets: string[] = ['Kanarie-anna', 'van der Berg', 'anna-mother', 'staff-1', school.apiKey]
    const printed = await outputOf(async () => {
      const offer = await makeOffer(node, school, deskOrder('anna', ['pupil', 'guardianship']))
      const code = await readCode(node, offer)
      const wallet = new TestWallet(node, school)
      await wallet.redeem(code, '000000')
      await wallet.take(offer)
      const nonce = await wallet.nonce()
      const jwt = [wallet.proof(nonce), wallet.proof(nonce)]
      const reply = await wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt } })
      await wallet.askFor('guardianship', 2)
      const id = reply.json().notification_id
      await wallet.notify({ notification_id: id, event: 'credential_failure', event_description: 'Kanarie-anna' })
      await wallet.ask('Kanarie-anna')
      secrets.push(
        code,
        offer.tx_code ?? '-',
        wallet.accessToken,
        nonce,
        id,
        ...jwt,
        reply.json().credentials[0].credential,
      )
    })
    t.equal(printed, '')
    t.ok(lines.length > 5, 'the log was really on')
    const log = lines.join('')
    for (const secret of secrets) t.notOk(log.includes(secret), secret.slice(0, 12))
    t.notOk(/eyJ[A-Za-z0-9_-]{20}/.test(log), 'nothing that looks like a token')
  })

  t.test(
    'takes four statements: two for the token (one of them counts), none for the nonce, two for the copies',
    async (t) => {
      const { statements, app } = countingNode(node)
      const wallet = new TestWallet({ ...node, app }, school)
      const offer = await makeOffer(node, school, deskOrder('anna'))
      const code = await readCode(node, offer)
      const spent = async (work: () => Promise<{ statusCode: number }>) => {
        const before = statements.length
        t.equal((await work()).statusCode, 200)
        return statements.length - before
      }
      t.equal(
        await spent(async () => {
          const reply = await wallet.redeem(code, offer.tx_code)
          wallet.accessToken = reply.json().access_token
          return reply
        }),
        2,
      )
      t.equal(await spent(() => app.inject({ method: 'POST', url: `/schools/${school.slug}/nonce` })), 0)
      const nonce = await wallet.nonce()
      const jwt = Array.from({ length: 10 }, () => wallet.proof(nonce))
      t.equal(await spent(() => wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt } })), 2)
    },
  )

  t.test('transaction codes come from the random numbers of the system and cover the whole range evenly', async (t) => {
    const { newTxCode } = await import('../src/offer/offer-secrets.ts')
    const codes = Array.from({ length: 20_000 }, () => newTxCode(node.deps.random))
    t.ok(codes.every((code) => /^[0-9]{6}$/.test(code)))
    for (let digit = 0; digit < 10; digit++) {
      const share = codes.filter((code) => code.startsWith(String(digit))).length / codes.length
      t.ok(share > 0.085 && share < 0.115, `first digit ${digit}`)
    }
    const draws = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 7]
    t.equal(
      newTxCode((n) => Buffer.from(draws.splice(0, n))),
      '000007',
      'a draw from the uneven end is thrown away',
    )
    t.equal(draws.length, 0)
  })

  t.test('a proof is not saved by a stolen issuer_state, nor an expired offer by a fresh one', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const bare = wallet.proof('', undefined, {}, { nonce: undefined })
    const body = { credential_configuration_id: 'pupil', proofs: { jwt: [bare] }, issuer_state: 'any' }
    t.equal((await wallet.ask(body)).json().error, 'invalid_proof')
  })

  t.test('a wallet that hangs up before its answer gets no copies, so nobody has any', async (t) => {
    const base = await startHttp(t, node.app)
    const { wallet, offer } = await walletFor(node, school, 'anna')
    const jwt = [wallet.proof(await wallet.nonce())]
    const body = JSON.stringify({ credential_configuration_id: 'pupil', proofs: { jwt } })
    const headers = { 'content-type': 'application/json', ...wallet.headers('credential') }
    const db = node.db(school.slug)
    // Somebody else holds the row of the offer, so that the request waits while the wallet hangs up.
    await db.transaction(async (tx) => {
      await tx.run(sql`select id from offer where id = ${offer.id} for update`)
      const call = request(`${base}/schools/${school.slug}/credential`, { method: 'POST', headers })
      call.on('error', () => undefined)
      call.end(body)
      await until('the request waits', async () => (await waiting(db)) > 0)
      call.destroy()
      await pause(50)
    })
    const states = () => db.many<{ state: string }>(sql`select state from issuance where offer = ${offer.id}`)
    await until('the copies are taken back', async () => (await states())[0]?.state === 'revoked')
    t.same(await states(), [{ state: 'revoked' }])
  })

  t.test(
    'in the end every code gave one token, every copy has its intent and place, and what is revoked is published',
    async (t) => {
      t.same(await checkNode(node, []), [])
    },
  )
})

/** The same node, noting each statement that goes to the database; transactions are not expected and not passed on. */
function countingNode(node: IssuingNode): { statements: Sql[]; app: App } {
  const statements: Sql[] = []
  const noting = (db: Db): Db =>
    ({
      one: (statement: Sql) => statements.push(statement) && db.one(statement),
      maybe: (statement: Sql) => statements.push(statement) && db.maybe(statement),
      many: (statement: Sql) => statements.push(statement) && db.many(statement),
      run: (statement: Sql) => statements.push(statement) && db.run(statement),
      forTenant: (tenant: string) => noting(db.forTenant(tenant)),
    }) as unknown as Db
  return { statements, app: createIssuerApp({ ...node.deps, db: noting(node.deps.db) }) }
}

/** How many sessions of this database wait for a row. */
async function waiting(db: Db): Promise<number> {
  const { count } = await db.one<{ count: number }>(
    sql`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return count
}
