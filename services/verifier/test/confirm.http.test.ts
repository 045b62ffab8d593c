import { sql } from '@samen/pg-kit'
import t from 'tap'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { type Reply, startNetwork } from './support/verifier.ts'
import { createWallet, numberOn, typeNumber } from './support/wallet.ts'

const RETURN_URL = 'https://app.example/back?from=samen'
const network = await startNetwork(t)
const { call, clock } = network
const app = await network.addApp('rekenrijk', { return_urls: [RETURN_URL] })
const purpose = await registerPurpose(network, app)
await giveConsent(network, app, purpose, 'sterre')
const wallet = createWallet(network, 'sterre', [app])

const ask = async (json: Record<string, unknown> = { return_url: RETURN_URL }) =>
  (
    await call('POST', `/v1/apps/${app.slug}/presentations`, {
      key: app.apiKey,
      json: { purpose: purpose.id, ...json },
    })
  ).body
const read = async (id: string, code?: string) => {
  const query = code === undefined ? '' : `?result_code=${code}`
  return (await call('GET', `/v1/apps/${app.slug}/presentations/${id}${query}`, { key: app.apiKey })).body
}
const openPage = async (url: string, cookie?: string) => {
  const page = await call('GET', url, { headers: { 'accept-language': 'en', ...(cookie && { cookie }) } })
  return { page, cookie: page.headers.get('set-cookie')?.split(';')[0] ?? cookie ?? '' }
}
const type = (asked: { page_url: string }, number: string, cookie?: string) =>
  call('POST', `${asked.page_url}/pairing?lang=en`, { form: { number }, headers: cookie ? { cookie } : {} })
const codeOf = (reply: Reply) => new URL(reply.headers.get('location') ?? '').searchParams.get('result_code') ?? ''
const wrongFor = (number: string) => String((Number(number.replace(' ', '')) + 1) % 1_000_000).padStart(6, '0')

t.test('the result waits for the browser that began, and goes to the app with what that browser brings', async (t) => {
  const asked = await ask()
  const { page, cookie } = await openPage(asked.page_url)
  t.match(page.headers.get('set-cookie'), /HttpOnly; SameSite=Lax/)
  t.match(page.text, /href="haip-vp:\/\//)
  t.match(page.text, '<svg', 'for a wallet on another device')
  t.match(page.headers.get('content-security-policy'), "default-src 'none'")
  t.notMatch(page.text, /year_group|leerjaar|script/)
  const { body } = await wallet.respond(asked.authorization_request)
  t.match(new URL(body.redirect_uri).pathname, new RegExp(`^/presentations/${asked.id}/returns/[A-Za-z0-9_-]{22}$`))
  t.same(await read(asked.id), { state: 'requested' }, 'not yet')
  const returned = await call('GET', body.redirect_uri, { headers: { cookie } })
  t.equal(returned.status, 303)
  t.ok(returned.headers.get('location')?.startsWith(`https://app.example/back?from=samen&presentation=${asked.id}&`))
  t.same(await read(asked.id), { state: 'requested' }, 'not without what the browser brought')
  t.same(await read(asked.id, 'AAAAAAAAAAAAAAAAAAAAAA'), { state: 'requested' })
  t.match(await read(asked.id, codeOf(returned)), { state: 'verified', claims: { year_group: 7 } })
  t.same(await read(asked.id, codeOf(returned)), { state: 'verified' }, 'once')
})

t.test('a page address that was forwarded gives nothing to whoever asked', async (t) => {
  const asked = await ask()
  const { cookie } = await openPage(asked.page_url)
  const { body } = await wallet.respond(asked.authorization_request)
  t.equal((await call('GET', body.redirect_uri, { headers: { cookie } })).status, 303, 'the victim does everything')
  t.same(await read(asked.id), { state: 'requested' }, 'and the asker, who has only the key, reads nothing')
})

t.test('a wallet link that was forwarded shows the victim who would get what, and releases nothing', async (t) => {
  const asked = await ask()
  const { cookie } = await openPage(asked.page_url)
  const { body } = await wallet.respond(asked.authorization_request)
  for (const headers of [{}, { cookie: 'samen-presentation=AAAAAAAAAAAAAAAAAAAAAA' }]) {
    const elsewhere = await call('GET', `${body.redirect_uri}?lang=nl`, { headers })
    t.equal(elsewhere.status, 200)
    t.match(elsewhere.text, 'Deel je dit met App rekenrijk?')
    t.match(elsewhere.text, 'het leerjaar')
    t.match(elsewhere.text, 'Er is niets gedeeld')
    t.match(numberOn(elsewhere), /^\d{3} \d{3}$/)
  }
  const guessed = body.redirect_uri.replace(/[^/]+$/, 'AAAAAAAAAAAAAAAAAAAAAA')
  t.equal((await call('GET', guessed, { headers: { cookie } })).status, 403, 'the browser of the attacker')
  t.same(await read(asked.id), { state: 'requested' })
  clock.advance(301)
  t.teardown(() => clock.advance(-301))
  t.same(await read(asked.id), { state: 'expired' })
})

t.test('with a wallet on another device the number that it shows, typed where it began, does the same', async (t) => {
  const asked = await ask()
  const { cookie } = await openPage(asked.page_url)
  t.equal((await type(asked, '123456', cookie)).status, 403, 'nothing was answered yet')
  const { body } = await wallet.respond(asked.authorization_request)
  t.match((await openPage(asked.page_url, cookie)).page.text, '<input name="number"', 'a page that was reloaded')
  const number = numberOn(await call('GET', body.redirect_uri))
  t.equal((await type(asked, number)).status, 403, 'in another browser')
  const wrong = await type(asked, wrongFor(number), cookie)
  t.equal(wrong.status, 403)
  t.match(wrong.text, 'does not fit')
  const paired = await type(asked, number, cookie)
  t.equal(paired.status, 303)
  t.match(await read(asked.id, codeOf(paired)), { state: 'verified', claims: { year_group: 7 } })
  t.match((await openPage(asked.page_url, cookie)).page.text, 'answered')
})

t.test('an app with a page of its own shows the code itself, and takes the number', async (t) => {
  const asked = await ask({})
  t.notOk(asked.page_url, 'there is no page of ours that could be forwarded')
  t.equal((await openPage(`${network.base}/presentations/${asked.id}`)).page.status, 404)
  const { body } = await wallet.respond(asked.authorization_request)
  t.same(await read(asked.id), { state: 'requested' })
  t.equal((await typeNumber(network, [app], body.redirect_uri)).status, 204)
  t.match(await read(asked.id), { state: 'verified', claims: { year_group: 7 } })
  t.equal((await call('GET', body.redirect_uri)).status, 403, 'and the number is not shown again')
})

t.test('the number of a request with a page is not taken from the app: only that browser may bring it', async (t) => {
  const asked = await ask()
  await openPage(asked.page_url)
  const { body } = await wallet.respond(asked.authorization_request)
  t.equal((await typeNumber(network, [app], body.redirect_uri)).status, 403)
})

t.test('after five numbers the right one is worthless, and many at once are no more than five', async (t) => {
  const asked = await ask()
  const { cookie } = await openPage(asked.page_url)
  const { body } = await wallet.respond(asked.authorization_request)
  const number = numberOn(await call('GET', body.redirect_uri))
  await Promise.all(Array.from({ length: 20 }, () => type(asked, wrongFor(number), cookie)))
  t.equal((await type(asked, number, cookie)).status, 403)
  t.same(await read(asked.id), { state: 'requested' })
})

t.test('the way back works once', async (t) => {
  const asked = await ask()
  const { cookie } = await openPage(asked.page_url)
  const { body } = await wallet.respond(asked.authorization_request)
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => call('GET', body.redirect_uri, { headers: { cookie } })),
  )
  t.equal(replies.filter(({ status }) => status === 303).length, 1)
  t.equal((await call('GET', body.redirect_uri, { headers: { cookie } })).status, 403)
})

t.test('the first browser that opens the page gets the link, a second one does not', async (t) => {
  const asked = await ask()
  const first = await openPage(asked.page_url)
  t.match((await openPage(asked.page_url, first.cookie)).page.text, 'haip-vp://', 'it may reload')
  const second = await openPage(asked.page_url)
  t.notMatch(second.page.text, 'haip-vp://')
  t.match(second.page.text, 'another browser')
})

t.test('without a session nothing is ever handed out', async (t) => {
  const asked = await ask()
  const { body } = await wallet.respond(asked.authorization_request)
  const late = await openPage(asked.page_url)
  t.not((await call('GET', body.redirect_uri, { headers: { cookie: late.cookie } })).status, 303)
  t.same(await read(asked.id), { state: 'requested' })
})

t.test('a missing consent, too, is told to who began only', async (t) => {
  const sibling = createWallet(network, 'broertje', [app])
  const asked = await ask()
  const { cookie } = await openPage(asked.page_url)
  const { body } = await sibling.respond(asked.authorization_request)
  t.same(await read(asked.id), { state: 'requested' })
  const returned = await call('GET', body.redirect_uri, { headers: { cookie } })
  t.same(await read(asked.id, codeOf(returned)), { state: 'consent_required' })
})

t.test('a wallet that declined leads to a page that says so, without a number', async (t) => {
  const asked = await ask()
  const { response_uri, state } = await wallet.fetchRequest(asked.authorization_request)
  const { body } = await call('POST', response_uri, { form: { error: 'access_denied', state } })
  const page = await call('GET', `${body.redirect_uri}?lang=nl`)
  t.match(page.text, 'Er is niets gedeeld')
  t.equal(numberOn(page), '')
  t.same(await read(asked.id), { state: 'refused' })
})

t.test('one browser at two apps leaves no value that both have', async (t) => {
  const other = await network.addApp('leesvonk', { return_urls: [RETURN_URL] })
  const theirs = await registerPurpose(network, other)
  const json = { purpose: theirs.id, return_url: RETURN_URL }
  const second = await call('POST', `/v1/apps/${other.slug}/presentations`, { key: other.apiKey, json })
  const { cookie } = await openPage((await ask()).page_url)
  await openPage(second.body.page_url, cookie)
  const hashOf = async (slug: string) => {
    const sessions = sql`select session_hash from presentation where session_hash is not null order by created_at desc`
    return (await network.deps.db.forTenant(slug).many<{ session_hash: Buffer }>(sessions)).map((row) =>
      row.session_hash.toString('hex'),
    )
  }
  const hashes = [...(await hashOf(app.slug)), ...(await hashOf(other.slug))]
  t.ok(hashes.length >= 2)
  t.equal(new Set(hashes).size, hashes.length)
})

t.test('a browser is sent to registered addresses only', async (t) => {
  for (const return_url of ['https://evil.example/', `${RETURN_URL}&more=1`, 'https://app.example/back']) {
    const json = { purpose: purpose.id, return_url }
    const { status } = await call('POST', `/v1/apps/${app.slug}/presentations`, { key: app.apiKey, json })
    t.equal(status, 400, return_url)
  }
})

t.test('pages of unknown requests are all alike', async (t) => {
  for (const id of ['rekenrijk.AAAAAAAAAAAAAAAAAAAAAA', 'unknown.AAAAAAAAAAAAAAAAAAAAAA']) {
    t.equal((await openPage(`${network.base}/presentations/${id}`)).page.status, 404)
  }
})
