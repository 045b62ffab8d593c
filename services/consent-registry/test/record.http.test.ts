import { decisionNonce, evidenceHash, purposeHash } from '@samen/consent'
import { decodeJwt, sha256Base64url } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import { until } from '@samen/test-kit'
import { compareWithLog, readLogRecord, verifyEarlierHead, verifyLogRecord } from '@samen/transparency-log'
import t from 'tap'
import { agreeOnPurpose, confirmDeletion, holdGuardianship, openRequest, pseudonymOf } from './support/members.ts'
import { startWorld } from './support/registry.ts'
import { decide, fetchRecord } from './support/wallet.ts'

t.test('what a family finds when it looks back', async (t) => {
  const world = await startWorld(t)
  const { school, app, purpose } = await agreeOnPurpose(world)
  const hold = (child: string, guardian = `parent of ${child}`) =>
    holdGuardianship(world, school, { child, guardian, apps: [app], others: 0 })
  const ask = () => openRequest(world, school, app, purpose)
  const fetchTile = async (path: string) => {
    const reply = await fetch(`${world.url}/log/${path}`)
    return reply.ok ? Buffer.from(await reply.arrayBuffer()) : undefined
  }

  t.test(
    'every request, refusal, decision, withdrawal and deletion receipt of the child, each with its log entry',
    async (t) => {
      const [given, refused] = [await ask(), await ask()]
      await decide(world, given, 'yes', hold('kim'))
      await decide(world, refused, 'no', hold('kim'))
      await until('the receipt arrived', () => app.receipts.length > 0)
      await decide(world, given, 'withdraw', hold('kim'))
      await until('the notice arrived', () => app.events.length > 0)
      await confirmDeletion(world, app, given)
      const { status, body: record } = await fetchRecord(world, hold('kim'))
      t.equal(status, 200)
      t.same(Object.keys(record).sort(), ['consents', 'events', 'log'])
      t.same(
        record.consents
          .map(({ handle, state, decisions }: never) => [
            handle,
            state,
            (decisions as { decision: string }[]).map((d) => d.decision),
          ])
          .sort(),
        [
          [given, 'withdrawn', ['yes', 'withdraw']],
          [refused, 'refused', ['no']],
        ].sort(),
      )
      const withdrawn = record.consents.find(({ handle }: { handle: string }) => handle === given)
      t.match(withdrawn, {
        app: { entity_id: app.entityId, name: 'App rekenen' },
        school: { name: 'School west' },
        purpose: { id: purpose.id, title: purpose.title },
        withdrawal: { at: String, delete_by: String },
        deletion_receipt: { received_at: String, message: /^[\w-]+\.[\w-]+\.[\w-]+$/ },
      })
      const kinds = (handle: string) =>
        record.events
          .filter(({ event }: { event: JsonObject }) => event['handle'] === handle)
          .map(({ event }: { event: JsonObject }) => event['type'])
      t.same(kinds(given), ['consent-requested', 'decision', 'decision', 'deletion-confirmed'])
      t.same(kinds(refused), ['consent-requested', 'decision'])
    },
  )

  t.test('an outsider can check the record with nothing else at hand, and finds every change', async (t) => {
    const { body } = await fetchRecord(world, hold('kim'))
    const record = readLogRecord(body)
    const { verifierKey } = world.deps.keys.log
    t.equal(verifyLogRecord(record, verifierKey).size, body.log.size)
    t.ok(record.events.length >= 6)
    const checkpoint = (await world.call('GET', '/log/checkpoint')).text
    t.equal((await compareWithLog(record, fetchTile, checkpoint, verifierKey)).events, record.events.length)
    const [first, ...rest] = record.events
    const changed = { ...(first as (typeof record.events)[0]), event: { ...first?.event, decision: 'yes' } }
    t.throws(() => verifyLogRecord({ ...record, events: [changed, ...rest] }, verifierKey), { code: 'tampered_entry' })
  })

  t.test('what each guardian signed stands behind each decision, and its hash in the log', async (t) => {
    const { body } = await fetchRecord(world, hold('kim'))
    for (const { handle, decisions, purpose, deletion_receipt } of body.consents) {
      t.equal(purposeHash(purpose.document), purpose.hash)
      const logged = body.events
        .map(({ event }: { event: JsonObject }) => event)
        .filter((e: JsonObject) => e['handle'] === handle)
      for (const { decision, at, evidence } of decisions) {
        t.match(
          logged.find((event: JsonObject) => event['evidence_hash'] === evidenceHash(evidence)),
          { type: 'decision', decision, at },
        )
        const { payload } = decodeJwt(evidence.kb_jwt, { maxBytes: 65_536 })
        t.equal(payload['nonce'], decisionNonce(Buffer.from(evidence.salt, 'base64url'), evidence.document))
        const credential = decodeJwt(evidence.issuer_jwt, { maxBytes: 65_536 }).payload
        t.notMatch(JSON.stringify(credential), pseudonymOf('parent of kim', world.url), 'and nobody is named by it')
      }
      const confirmed = logged.find((event: JsonObject) => event['type'] === 'deletion-confirmed')
      if (deletion_receipt) t.equal(confirmed.message_hash, sha256Base64url(deletion_receipt.message))
    }
  })

  t.test('a record that was kept is continued by the next one, provably', async (t) => {
    const { verifierKey } = world.deps.keys.log
    const { body: kept } = await fetchRecord(world, hold('kim'))
    await decide(world, await ask(), 'no', hold('kim'))
    const next = await fetchRecord(world, hold('kim'), `?since=${kept.log.size}`)
    t.ok(next.body.log.size > kept.log.size)
    t.equal(verifyEarlierHead(readLogRecord(next.body), kept.log.checkpoint, verifierKey).size, kept.log.size)
    const ahead = await fetchRecord(world, hold('kim'), '?since=999999')
    t.same(
      [ahead.status, ahead.body.log.consistency],
      [200, undefined],
      'of a head that was never there nothing is proved',
    )
    t.equal((await fetchRecord(world, hold('kim'), '?since=-1')).status, 400)
  })

  t.test('nothing of another child is in it, also not of one with the same guardian', async (t) => {
    const sibling = await ask()
    await decide(world, sibling, 'yes', hold('kims sister', 'parent of kim'))
    const { body: record } = await fetchRecord(world, hold('kim', 'parent of kim'))
    t.notMatch(JSON.stringify(record), sibling)
    const { body: own } = await fetchRecord(world, hold('kims sister', 'parent of kim'))
    t.same(
      own.consents.map(({ handle }: { handle: string }) => handle),
      [sibling],
    )
    t.same([...new Set(own.events.map(({ event }: { event: JsonObject }) => event['handle']))], [sibling])
  })

  t.test('a child of whom nothing was asked has an empty record', async (t) => {
    const { body } = await fetchRecord(world, hold('nobody'))
    t.same([body.consents, body.events], [[], []])
    t.match(body.log, { url: `${world.url}/log`, verifier_key: world.deps.keys.log.verifierKey, checkpoint: String })
  })
})
