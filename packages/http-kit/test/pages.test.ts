import { createHash } from 'node:crypto'
import t from 'tap'
import {
  bearer,
  html,
  idempotencyOf,
  languageOf,
  page,
  readSessionCookie,
  sendPage,
  sendPageLeadingTo,
  setSessionCookie,
} from '../src/http-kit.ts'
import { startTestApp } from './start-test-app.ts'

t.test('a page escapes what is put into it and runs or loads nothing', async (t) => {
  const { ask } = await startTestApp(t, (app) => {
    app.get('/page', async (_request, reply) =>
      sendPage(reply, page({ lang: 'nl', title: '<b>', body: html`<p>${'<script>'}</p>` })),
    )
  })
  const { text, headers } = await ask('/page')
  t.match(text, '<p>&#60;script&#62;</p>')
  t.notMatch(text, /<b>|<script|javascript:| on\w+=|https?:/)
  const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''
  const policy = headers.get('content-security-policy') ?? ''
  t.match(policy, `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`)
  t.match(policy, /^default-src 'none';/)
  t.notMatch(policy, /unsafe|script-src/)
})

t.test('what is sent from a page stays here, or goes where the page says, and to no place beside it', async (t) => {
  const { ask } = await startTestApp(t, (app) => {
    app.get('/own', async (_request, reply) => sendPage(reply, ''))
    app.get('/on', async (_request, reply) =>
      sendPageLeadingTo(reply, '', [
        'https://app.example:8443',
        'http://[::1]:3000',
        "https://a;script-src 'unsafe-inline'",
      ]),
    )
  })
  const policyOf = async (path: string) => (await ask(path)).headers.get('content-security-policy') ?? ''
  t.match(await policyOf('/own'), "; form-action 'self'; base-uri")
  t.match(await policyOf('/on'), "; form-action 'self' https://app.example:8443 http://[::1]:3000; base-uri")
})

t.test('a page can be read by a screen reader, in two languages', async (t) => {
  for (const lang of ['nl', 'en'] as const) {
    const text = page({ lang, title: 'Mag dat?', body: '' })
    for (const part of [
      `<html lang="${lang}">`,
      '<main id="content"',
      'class="skip" href="#content"',
      '<h1>Mag dat?</h1>',
      '<title>Mag dat?',
      'name="viewport"',
      'aria-current="true"',
      'hreflang=',
    ]) {
      t.match(text, part)
    }
  }
})

t.test('every text stands out from its ground, in light and in dark (contrast 4.5 to 1)', async (t) => {
  const [light = '', dark = ''] = page({ lang: 'nl', title: 'x', body: '' }).match(/:root\{[^}]*\}/g) ?? []
  for (const colours of [light, dark]) {
    const colour = (name: string) => luminance(new RegExp(`--${name}:#(\\w+)`).exec(colours)?.[1] ?? '')
    for (const text of ['ink', 'soft', 'brand', 'good', 'bad']) {
      for (const ground of ['paper', 'ground'])
        t.ok(contrast(colour(text), colour(ground)) >= 4.5, `${text} on ${ground}`)
    }
    t.ok(contrast(colour('on-brand'), colour('brand')) >= 4.5, 'on a button')
    t.ok(contrast(colour('focus'), colour('paper')) >= 3, 'the mark of the focus')
  }
})

function luminance(hex: string): number {
  const six = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(six.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

t.test('the language is the one asked for, else the one that the browser prefers, else Dutch', async (t) => {
  const { ask } = await startTestApp(t, (app) => void app.get('/', async (request) => languageOf(request)))
  const language = async (path: string, header?: string) =>
    (await ask(path, { headers: { 'accept-language': header ?? '' } })).text
  t.equal(await language('/'), 'nl')
  t.equal(await language('/', 'en-GB,nl;q=0.8'), 'en')
  t.equal(await language('/', 'fr, en;q=0.4, nl;q=0.5'), 'nl')
  t.equal(await language('/', 'en;q=0, de'), 'nl')
  t.equal(await language('/?lang=en', 'nl'), 'en')
  t.equal(await language('/?lang=%3Cscript%3E', 'nl'), 'nl')
})

t.test('a session is out of reach of scripts and other sites, and in production of other hosts', async (t) => {
  for (const mode of ['production', 'development'] as const) {
    const cookie = { mode, name: 'family' }
    const { ask } = await startTestApp(t, (app) => {
      app.get('/set', async (_request, reply) => {
        setSessionCookie(reply, cookie, { value: 'abc', maxAgeSeconds: 60 })
        return 'ok'
      })
      app.get('/read', async (request) => ({ session: readSessionCookie(request, cookie) ?? 'none' }))
    })
    const set = (await ask('/set')).headers.get('set-cookie') ?? ''
    t.match(set, /; Max-Age=60; Path=\/; HttpOnly;.* ?SameSite=Lax/)
    t.equal(/^__Host-family=abc;.*; Secure/.test(set), mode === 'production')
    const name = mode === 'production' ? '__Host-family' : 'family'
    t.match((await ask('/read', { headers: { cookie: `x=1; ${name}=abc` } })).text, 'abc')
    t.match((await ask('/read', { headers: { cookie: `x${name}=abc` } })).text, 'none')
    t.match((await ask('/read')).text, 'none')
  }
})

t.test('a token is taken from a well-formed header only', async (t) => {
  const { ask } = await startTestApp(t, (app) => {
    app.get('/', async (request) => ({ bearer: bearer(request) ?? '-' }))
  })
  const read = async (authorization: string) => JSON.parse((await ask('/', { headers: { authorization } })).text)
  t.same(await read('Bearer a-b_c.d~+/='), { bearer: 'a-b_c.d~+/=' })
  for (const bad of [
    'Bearer',
    'Bearer a b',
    'Bearer a,Bearer b',
    'Basic abc',
    'Bearer é',
    `Bearer ${'a'.repeat(9_000)}`,
  ]) {
    t.same(await read(bad), { bearer: '-' }, bad.slice(0, 20))
  }
})

t.test('two requests are the same when method, address and content are', async (t) => {
  const { ask } = await startTestApp(t, (app) => {
    const handler = async (request: Parameters<typeof idempotencyOf>[0]) => {
      const { key, requestHash } = idempotencyOf(request)
      return { key: key ?? 'none', hash: requestHash.toString('hex') }
    }
    app.post('/a', handler)
    app.post('/b', handler)
    app.put('/a', handler)
  })
  const send = async (path: string, type: string, body: string, key?: string, method = 'POST') => {
    const headers = { 'content-type': type, ...(key !== undefined && { 'idempotency-key': key }) }
    return JSON.parse((await ask(path, { method, headers, body })).text)
  }
  const first = await send('/a', 'application/json', '{"x":1,"y":2}', 'k-1')
  t.equal(first.key, 'k-1')
  t.equal((await send('/a', 'application/json', '{ "y":2, "x":1 }')).hash, first.hash)
  t.equal((await send('/a', 'application/json', '{"x":1,"y":2}')).key, 'none')
  const others = [
    await send('/a', 'application/json', '{"x":1,"y":3}'),
    await send('/a?q=1', 'application/json', '{"x":1,"y":2}'),
    await send('/b', 'application/json', '{"x":1,"y":2}'),
    await send('/a', 'application/json', '{"x":1,"y":2}', undefined, 'PUT'),
    await send('/a', 'application/zip', 'PK1'),
    await send('/a', 'application/zip', 'PK2'),
  ]
  t.equal(new Set([first, ...others].map(({ hash }) => hash)).size, 7)
  for (const key of ['', 'a b', 'x'.repeat(256)])
    t.match(await send('/a', 'application/json', '{}', key), { status: 400 }, key.slice(0, 9))
})
