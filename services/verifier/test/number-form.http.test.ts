import t from 'tap'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const RETURN_URL = 'https://app.example:8443/back?from=samen'
const network = await startNetwork(t)
const { call, clock } = network
const app = await network.addApp('rekenrijk', { return_urls: [RETURN_URL, 'https://a;b.example/back'] })
const purpose = await registerPurpose(network, app)
await giveConsent(network, app, purpose, 'sterre')
const wallet = createWallet(network, 'sterre', [app])

const ask = async () => {
  const json = { purpose: purpose.id, return_url: RETURN_URL }
  return (await call('POST', `/v1/apps/${app.slug}/presentations`, { key: app.apiKey, json })).body
}
const openPage = async (url: string, cookie?: string, lang = 'en') => {
  const page = await call('GET', `${url}?lang=${lang}`, { headers: cookie === undefined ? {} : { cookie } })
  return { page, cookie: page.headers.get('set-cookie')?.split(';')[0] ?? '' }
}
const formActionOf = ({ headers }: { headers: Headers }) =>
  /form-action ([^;]*)/.exec(headers.get('content-security-policy') ?? '')?.[1]

t.test('after the number the browser may go on to the app, and no form leads anywhere else', async (t) => {
  const asked = await ask()
  const { page, cookie } = await openPage(asked.page_url)
  const [own, app] = ["'self'", "'self' https://app.example:8443"]
  t.equal(formActionOf(page), app, 'where the code is shown')
  const { body } = await wallet.respond(asked.authorization_request)
  t.equal(formActionOf((await openPage(asked.page_url, cookie)).page), app, 'where it is asked for after an answer')
  const form = { number: '1' }
  t.equal(formActionOf(await call('POST', `${asked.page_url}/pairing`, { form, headers: { cookie } })), app, 'again')
  t.equal(formActionOf(await call('GET', body.redirect_uri)), own, 'the page of the other device has no form')
  t.equal(formActionOf((await openPage(asked.page_url)).page), own, 'nor has that of another browser')
  t.equal(formActionOf((await openPage(`${network.base}/presentations/none`)).page), own)
})

t.test('a code that no wallet can fetch any more is not shown; the number of one that did still counts', async (t) => {
  const asked = await ask()
  const { cookie } = await openPage(asked.page_url)
  clock.advance(120)
  t.match((await openPage(asked.page_url, cookie)).page.text, 'haip-vp://', 'two minutes are two minutes')
  clock.advance(1)
  for (const [lang, words] of [
    ['nl', 'De code werkt niet meer'],
    ['en', 'The code does not work any more'],
  ] as const) {
    const { page } = await openPage(asked.page_url, cookie, lang)
    t.notMatch(page.text, /haip-vp:|<svg/)
    t.match(page.text, words)
    t.match(page.text, '<input name="number"')
  }
  clock.advance(180)
  t.notMatch((await openPage(asked.page_url, cookie)).page.text, /<input|haip-vp:/, 'and after five it is over')
})
