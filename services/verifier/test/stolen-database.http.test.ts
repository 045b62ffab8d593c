import { guessesFrom, readEveryRow } from '@samen/test-kit'
import t from 'tap'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { operatorKey, type Reply, startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const return_url = 'https://app.example/back'
const network = await startNetwork(t)
const { call } = network
const app = await network.addApp('rekenrijk', { return_urls: [return_url] })
const purpose = await registerPurpose(network, app)
await giveConsent(network, app, purpose, 'sterre')
const wallet = createWallet(network, 'sterre', [app])

const path = `/v1/apps/${app.slug}/presentations`
const ask = async () => (await call('POST', path, { key: app.apiKey, json: { purpose: purpose.id, return_url } })).body

/** A presentation that a wallet has answered, and the cookie of the browser that began it. */
async function answered() {
  const asked = await ask()
  const page = await call('GET', asked.page_url)
  const [name = '', value = ''] = (page.headers.get('set-cookie')?.split(';')[0] ?? '').split('=')
  const { body } = await wallet.respond(asked.authorization_request)
  const goBack = (code: string, session: string) =>
    call('GET', body.redirect_uri.replace(/[^/]+$/, encodeURIComponent(code)), {
      headers: { cookie: `${name}=${session}` },
    })
  return { id: asked.id as string, goBack, code: lastPart(body.redirect_uri), session: value }
}

const lastPart = (url: string) => url.split('/').at(-1) ?? ''

t.test('no value of a stolen database opens a request, a way back, a result or an app', async (t) => {
  const requestUri = new URL((await ask()).authorization_request).searchParams.get('request_uri') ?? ''
  const [byCode, bySession, back] = [await answered(), await answered(), await answered()]
  const resultCode = async ({ goBack, code, session }: typeof back) =>
    new URL((await goBack(code, session)).headers.get('location') ?? '').searchParams.get('result_code') ?? ''
  const read = (id: string, code: string, key = app.apiKey) =>
    call('GET', `${path}/${id}?result_code=${encodeURIComponent(code)}`, { key })
  const json = { slug: 'nieuw', name: 'Nieuw', registry: network.registry.entityId }
  const opened = async (reply: Promise<Reply>, status: number) => (await reply).status === status
  /** What each secret opens, and the one that does. */
  const doors: Record<string, [opens: (text: string) => Promise<boolean>, right: string]> = {
    'the request behind a link': [
      (text) => opened(call('GET', requestUri.replace(/[^/]+$/, encodeURIComponent(text))), 200),
      lastPart(requestUri),
    ],
    'the code of a wallet’s answer': [(text) => opened(byCode.goBack(text, byCode.session), 303), byCode.code],
    'the cookie of a browser': [(text) => opened(bySession.goBack(bySession.code, text), 303), bySession.session],
    'a result code': [async (text) => (await read(back.id, text)).body.state === 'verified', await resultCode(back)],
    'an API key': [(text) => opened(read(back.id, 'AAAAAAAA', text), 200), app.apiKey],
    'the key of the operator': [
      (text) => opened(call('POST', '/v1/apps', { key: text, json }), 201),
      operatorKey(network.deps),
    ],
  }
  const guesses = guessesFrom(await readEveryRow(network.superuserUrl))
  t.ok(guesses.length > 100, 'there is something to try')
  for (const [door, [opens, right]] of Object.entries(doors)) {
    let tried = 0
    for (const text of guesses) {
      if (await opens(text)) break
      tried += 1
    }
    t.equal(tried, guesses.length, `${door} is not among them`)
    t.ok(await opens(right), `${door} opens by the right one, which was not spent by that`)
  }
})
