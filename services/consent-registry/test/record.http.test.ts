import { decisionNonce, evidenceHash, purposeHash } from '@samen/consent'
import { decodeJwt, generateSigningKey, sha256Base64url } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import { compareWithLog, readLogRecord, verifyEarlierHead, verifyLogRecord } from '@samen/transparency-log'
import t from 'tap'
import { dumpValues } from './support/dump.ts'
import {
  agree,
  confirmDeletion,
  createApp,
  createSchool,
  type Guardianship,
  holdGuardianship,
  openRequest,
  pseudonymOf,
  registerPurpose,
} from './support/members.ts'
import { startWorld, until } from './support/registry.ts'
import { begin, comeBack, cookieOf, decide, fetchRecord, fetchRequest, respond } from './support/wallet.ts'

t.test('what a family finds when it looks back', async (t) => {
  const world = await startWorld(t)
  const school = await createSchool(world, 'west')
  const app = await createApp(world, 'rekenen')
  const reading = await createApp(world, 'lezen')
  const purpose = await registerPurpose(world, app)
  const readingPurpose = await registerPurpose(world, reading)
  await agree(world, school, app, purpose)
  await agree(world, school, reading, readingPurpose)
  const hold = (child: string, guardian = `parent of ${child}`, more: Partial<Guardianship> = {}) =>
    holdGuardianship(world, school, { child, guardian, apps: [app, reading], others: 0, ...more })
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

  t.test(
    'the record opens only in the browser that began, and there only with what the wallet brought back',
    async (t) => {
      const session = await world.call('POST', '/me/sessions', { form: {} })
      const link = session.body.authorization_request
      const cookie = cookieOf(session)
      const stranger = cookieOf(await world.call('POST', '/me/sessions', { form: {} }))
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 403, 'before the wallet has answered')
      const { body } = await respond(world, link, hold('kim'))
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 403, 'the cookie alone')
      for (const other of [undefined, stranger]) {
        const elsewhere = await world.call('GET', body.redirect_uri, other === undefined ? {} : { cookie: other })
        t.match(elsewhere.body, { result: 'pairing-required' }, 'the link in another browser')
        t.equal((await world.call('GET', '/me/record', other === undefined ? {} : { cookie: other })).status, 403)
      }
      t.equal((await world.call('GET', '/vp/returns/AAAAAAAAAAAAAAAAAAAAAA', { cookie })).status, 404)
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 403, 'nothing of that opened it')
      t.same((await world.call('GET', body.redirect_uri, { cookie })).body, { result: 'record' })
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 200)
      t.same(
        (await world.call('GET', body.redirect_uri, { cookie })).body,
        { result: 'done' },
        'the link a second time',
      )
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 200, 'and the page can be read again')
      world.clock.advance(601)
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 403, 'for ten minutes')
    },
  )

  t.test('a session for looking back decides nothing, and a decision opens no record', async (t) => {
    const handle = await ask()
    const begun = await begin(world, handle, 'yes')
    const { body } = await respond(world, begun.body.authorization_request, hold('kim'))
    const asRecord = cookieOf(begun).replace('samen-decision', 'samen-record')
    await world.call('GET', body.redirect_uri, { cookie: asRecord })
    t.equal((await world.call('GET', '/me/record', { cookie: asRecord })).status, 403)
    const session = await world.call('POST', '/me/sessions', { form: {} })
    const request = await fetchRequest(world, session.body.authorization_request)
    t.same(
      request.dcql_query.credentials[0].claims.map(({ path }: { path: string[] }) => path),
      [['authority'], ['pseudonyms', world.url]],
      'and asks for less',
    )
  })

  t.test('a self-made credential opens nothing', async (t) => {
    const session = await world.call('POST', '/me/sessions', { form: {} })
    const forger = { ...school, protocolKey: { ...generateSigningKey(), x5c: school.protocolKey.x5c ?? [] } }
    const forged = holdGuardianship(world, forger, { child: 'kim', guardian: 'thief', apps: [app] })
    t.equal((await respond(world, session.body.authorization_request, forged)).status, 400)
  })

  t.test(
    'the app learns from the page neither a refusal nor who is missing: the same bytes until the question closes',
    async (t) => {
      const two = (child: string, guardian: string) => hold(child, guardian, { others: 1 })
      const [untouched, half, refused, halfRefused] = [await ask(), await ask(), await ask(), await ask()]
      await decide(world, half, 'yes', two('robin', 'mother'))
      await decide(world, refused, 'no', two('robin', 'mother'))
      await decide(world, halfRefused, 'yes', two('robin', 'mother'))
      await decide(world, halfRefused, 'no', two('robin', 'father'))
      const see = async (accept: string) => {
        const pages = await Promise.all(
          [untouched, half, refused, halfRefused].map(async (handle) => {
            const reply = await world.call('GET', `/requests/${handle}`, { accept })
            return `${reply.status} ${reply.text.replaceAll(handle, 'HANDLE')}`
          }),
        )
        return new Set(pages).size
      }
      t.equal(await see('text/html'), 1)
      t.equal(await see('application/json'), 1)
      const starts = await Promise.all(
        [untouched, refused].map((handle) =>
          world.call('POST', `/requests/${handle}/decisions`, { form: { decision: 'yes' } }),
        ),
      )
      t.same(
        starts.map(({ status }) => status),
        [201, 201],
      )
      world.clock.advance(15 * 86_400)
      t.equal(await see('text/html'), 1)
      t.equal(await see('application/json'), 1)
      world.clock.advance(-15 * 86_400)
    },
  )

  t.test(
    'a stolen database joins nothing: two consents of one child share no value that two children do not share',
    async (t) => {
      const decideBoth = async (child: string) => {
        const mine = [await ask(), await openRequest(world, school, reading, readingPurpose)]
        for (const handle of mine) {
          await decide(world, handle, 'yes', hold(child, `one parent of ${child}`, { others: 1 }))
          await decide(world, handle, 'yes', hold(child, `other parent of ${child}`, { others: 1 }))
        }
        return mine as [string, string]
      }
      world.clock.advance(1)
      const [first, second] = await decideBoth('quinn')
      world.clock.advance(1)
      const [third] = await decideBoth('lou')
      const values = await dumpValues(world.deps.db)
      const about = (handle: string) =>
        new Set(
          values
            .filter(({ row }) => JSON.stringify(row).includes(handle))
            .flatMap(({ text }) => text.match(/[A-Za-z0-9_+/\\=-]{6,}/g) ?? []),
        )
      const [a, b, stranger] = [about(first), about(second), about(third)]
      t.ok(a.size > 20 && b.size > 20, 'the rows were really found')
      const shared = [...a].filter((value) => b.has(value) && !stranger.has(value) && !isMoment(value))
      t.same(shared, [])
      const all = JSON.stringify(values)
      for (const secret of ['quinn', 'one parent of quinn'].flatMap((who) => [
        who,
        pseudonymOf(who, world.url),
        pseudonymOf(who, app.entityId),
      ])) {
        t.notMatch(all, secret)
        t.notMatch(all, Buffer.from(secret).toString('hex'))
        t.notMatch(all, Buffer.from(secret, 'base64url').toString('hex'))
      }
    },
  )

  t.test('no value of a stolen database opens anything', async (t) => {
    const session = await world.call('POST', '/me/sessions', { form: {} })
    const answered = await respond(world, session.body.authorization_request, hold('kim'))
    await begin(world, await ask(), 'yes')
    const rows = (await dumpValues(world.deps.db)).filter(({ table }) => table === 'public.presentation')
    t.ok(rows.length > 10)
    for (const { text } of rows) {
      const forms = [text, Buffer.from(text.replace('\\x', ''), 'hex').toString('base64url')].filter((form) =>
        /^[\w\\-]{8,200}$/.test(form),
      )
      for (const form of forms) {
        const cookie = `samen-record=${form}`
        t.equal(
          (await world.call('GET', `/vp/returns/${encodeURIComponent(form.slice(0, 64))}`, { cookie })).status,
          404,
        )
        t.equal((await world.call('GET', '/me/record', { cookie })).status, 403)
        t.not((await world.call('GET', `/vp/requests/${encodeURIComponent(form.slice(0, 64))}`)).status, 200)
      }
    }
    t.same((await comeBack(world, answered, session)).body, { result: 'record' })
  })

  t.test('the log of the service holds no pseudonym, handle or code', async (t) => {
    const { body } = await fetchRecord(world, hold('kim'))
    const lines = world.logLines.join('\n')
    t.ok(lines.length > 1_000)
    for (const { handle } of body.consents) t.notMatch(lines, handle)
    t.notMatch(lines, pseudonymOf('kim', world.url))
    t.notMatch(lines, 'response_code')
  })
})

/** Dates and times are shared by whatever happens at that moment; in life, two requests of one child do not. */
function isMoment(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(value)
}
