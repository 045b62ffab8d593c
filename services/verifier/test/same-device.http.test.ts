import t from 'tap'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

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
const stateOf = async (id: string) =>
  (await call('GET', `/v1/apps/${app.slug}/presentations/${id}`, { key: app.apiKey })).body
const openPage = async (url: string, cookie?: string) => {
  const page = await call('GET', url, { headers: { 'accept-language': 'en', ...(cookie && { cookie }) } })
  return { page, cookie: page.headers.get('set-cookie')?.split(';')[0] ?? cookie ?? '' }
}

t.test('on the same device the result waits for the browser that began, and is then handed out', async (t) => {
  const asked = await ask()
  const { page, cookie } = await openPage(asked.page_url)
  t.match(page.headers.get('set-cookie'), /HttpOnly; SameSite=Lax/)
  t.match(page.text, /href="haip-vp:\/\//)
  t.notMatch(page.text, '<svg', 'no QR code: it would be for another device')
  const { body } = await wallet.respond(asked.authorization_request)
  const back = new URL(body.redirect_uri)
  t.match(back.searchParams.get('response_code'), /^[A-Za-z0-9_-]{22}$/)
  t.same(await stateOf(asked.id), { state: 'requested' }, 'not yet')
  const returned = await call('GET', back.href, { headers: { cookie } })
  t.equal(returned.status, 303)
  t.equal(returned.headers.get('location'), `https://app.example/back?from=samen&presentation=${asked.id}`)
  t.match(await stateOf(asked.id), { state: 'verified', claims: { year_group: 7 } })
})

t.test('a link that was forwarded gives nothing to whoever forwarded it', async (t) => {
  const asked = await ask()
  const { cookie } = await openPage(asked.page_url)
  const { body } = await wallet.respond(asked.authorization_request)
  for (const headers of [{}, { cookie: 'samen-presentation=AAAAAAAAAAAAAAAAAAAAAA' }]) {
    const elsewhere = await call('GET', body.redirect_uri, { headers })
    t.equal(elsewhere.status, 403, 'the browser of the victim')
  }
  const guessed = body.redirect_uri.replace(/[^=]+$/, 'AAAAAAAAAAAAAAAAAAAAAA')
  t.equal((await call('GET', guessed, { headers: { cookie } })).status, 403, 'the browser of the attacker')
  t.same(await stateOf(asked.id), { state: 'requested' })
  clock.advance(301)
  t.teardown(() => clock.advance(-301))
  t.same(await stateOf(asked.id), { state: 'expired' })
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
  t.equal((await call('GET', body.redirect_uri, { headers: { cookie: late.cookie } })).status, 403)
  t.same(await stateOf(asked.id), { state: 'requested' })
})

t.test('a missing consent, too, is told to the browser that began only', async (t) => {
  const sibling = createWallet(network, 'broertje', [app])
  const asked = await ask()
  const { cookie } = await openPage(asked.page_url)
  const { body } = await sibling.respond(asked.authorization_request)
  t.same(await stateOf(asked.id), { state: 'requested' })
  await call('GET', body.redirect_uri, { headers: { cookie } })
  t.same(await stateOf(asked.id), { state: 'consent_required' })
})

t.test('a browser is sent to registered addresses only', async (t) => {
  for (const return_url of ['https://evil.example/', `${RETURN_URL}&more=1`, 'https://app.example/back']) {
    const json = { purpose: purpose.id, return_url }
    const { status } = await call('POST', `/v1/apps/${app.slug}/presentations`, { key: app.apiKey, json })
    t.equal(status, 400, return_url)
  }
})

t.test('for another device the page shows a QR code and a link, and nothing about the child', async (t) => {
  const asked = await ask({})
  const { page } = await openPage(asked.page_url)
  t.equal(page.status, 200)
  t.match(page.text, '<svg')
  t.match(
    page.text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(code)),
    asked.authorization_request,
  )
  t.match(page.headers.get('content-security-policy'), "default-src 'none'")
  t.notMatch(page.text, /year_group|leerjaar|script/)
  t.same((await wallet.respond(asked.authorization_request)).body, {}, 'no way back: the browser is elsewhere')
  t.match((await openPage(asked.page_url)).page.text, 'answered')
  t.equal((await openPage(`${network.base}/presentations/rekenrijk.AAAAAAAAAAAAAAAAAAAAAA`)).page.status, 404)
  t.equal((await openPage(`${network.base}/presentations/unknown.AAAAAAAAAAAAAAAAAAAAAA`)).page.status, 404)
})
