import t from 'tap'
import { purgeOldRows } from '../src/purge/purge-old-rows.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'
import { createWallet, numberOn } from './support/wallet.ts'

const RETURN_URL = 'https://app.example/back'
/** An answer waits five minutes: to be confirmed where it began, and to be read. */
const WAITS_SECONDS = 300

const network = await startNetwork(t)
const { call, clock, deps } = network
const app = await network.addApp('rekenrijk', { return_urls: [RETURN_URL] })
const purpose = await registerPurpose(network, app)
await giveConsent(network, app, purpose, 'sterre')
const wallet = createWallet(network, 'sterre', [app])

const read = async (id: string, code: string) =>
  (await call('GET', `/v1/apps/${app.slug}/presentations/${id}?result_code=${code}`, { key: app.apiKey })).body

/** Asked on our page and answered by the wallet; what the browser that began holds. */
async function answered() {
  await deps.consentLists.refresh()
  const json = { purpose: purpose.id, return_url: RETURN_URL }
  const { body: asked } = await call('POST', `/v1/apps/${app.slug}/presentations`, { key: app.apiKey, json })
  const page = await call('GET', asked.page_url)
  const headers = { cookie: page.headers.get('set-cookie')?.split(';')[0] ?? '' }
  const { body } = await wallet.respond(asked.authorization_request)
  return { id: asked.id as string, page_url: asked.page_url as string, way: body.redirect_uri as string, headers }
}
const codeIn = ({ headers }: { headers: Headers }) =>
  new URL(headers.get('location') ?? '').searchParams.get('result_code') ?? ''

t.test('a browser that comes back too late releases nothing, and the app reads that the time is over', async (t) => {
  const { id, way, headers } = await answered()
  clock.advance(WAITS_SECONDS)
  const late = await call('GET', way, { headers })
  t.same([late.status, late.headers.get('location')], [403, null])
  t.same(await read(id, ''), { state: 'expired' })
})

t.test('nor does a number that is typed too late', async (t) => {
  const { id, page_url, way, headers } = await answered()
  const form = { number: numberOn(await call('GET', way)) }
  clock.advance(WAITS_SECONDS)
  t.equal((await call('POST', `${page_url}/pairing`, { form, headers })).status, 403)
  t.same(await read(id, ''), { state: 'expired' })
})

t.test('an app that reads too late never hears verified without the facts', async (t) => {
  const { id, way, headers } = await answered()
  clock.advance(WAITS_SECONDS - 1)
  const back = await call('GET', way, { headers })
  t.equal(back.status, 303, 'confirmed in the last second')
  clock.advance(1)
  t.same(await read(id, codeIn(back)), { state: 'expired' })
  await purgeOldRows(deps)
  t.same(await read(id, codeIn(back)), { state: 'expired' }, 'also when they are deleted')
})

t.test('an app that read in time hears verified once more, and then that the time is over', async (t) => {
  const { id, way, headers } = await answered()
  const code = codeIn(await call('GET', way, { headers }))
  t.match(await read(id, code), { state: 'verified', claims: { year_group: 7 } })
  t.same(await read(id, code), { state: 'verified' })
  clock.advance(WAITS_SECONDS)
  t.same(await read(id, code), { state: 'expired' })
})
