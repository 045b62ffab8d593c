import t from 'tap'
import { agree, agreeOnPurpose, holdGuardianship, openRequest, registerPurpose } from './support/members.ts'
import { startWorld } from './support/registry.ts'
import { begin, comeBack, cookieOf, decide, respond } from './support/wallet.ts'

t.test('what a parent sees', async (t) => {
  const world = await startWorld(t)
  const { school, app, purpose } = await agreeOnPurpose(world)
  const ask = () => openRequest(world, school, app, purpose)
  const hold = () => holdGuardianship(world, school, { child: 'kim', guardian: 'mother', apps: [app], others: 0 })
  const see = (path: string, cookie?: string) =>
    world.call('GET', path, { accept: 'text/html', ...(cookie && { cookie }) })

  t.test(
    'who asks, what exactly, why, how long, what a no does, how to take it back; in Dutch and in English',
    async (t) => {
      const handle = await ask()
      const nl = await see(`/requests/${handle}?lang=nl`)
      t.equal(nl.status, 200)
      for (const text of [
        'App rekenen',
        'School west',
        'Modelovereenkomst 4.0',
        'Rekenen op eigen niveau',
        'het leerjaar',
        'Om het niveau te kiezen.',
        'of je kind 12 jaar of ouder is',
        'hoogstens 1 jaar',
        'Wat gebeurt er als je nee zegt?',
        'Hoe neem je het terug?',
        'Geen antwoord is ook geen ja',
      ]) {
        t.match(nl.text, text)
      }
      const en = await see(`/requests/${handle}?lang=en`)
      for (const text of ['the year group', 'at most 1 year', 'What happens if you say no?', 'No answer is not a yes'])
        t.match(en.text, text)
      t.match(nl.text, '<html lang="nl">')
      t.match(en.text, '<html lang="en">')
    },
  )

  t.test('yes and no are two buttons of one kind, nothing is chosen beforehand, and no script runs', async (t) => {
    const { text, headers } = await see(`/requests/${await ask()}`)
    const buttons = [...text.matchAll(/<button([^>]*)>/g)].map(([, attributes = '']) =>
      attributes.replace(/value="\w+"/, ''),
    )
    t.equal(buttons.length, 2)
    t.equal(new Set(buttons).size, 1)
    t.notMatch(text, /<script|checked|autofocus|onclick|<img|<input/i)
    t.match(headers.get('content-security-policy'), "default-src 'none'")
    t.notMatch(headers.get('content-security-policy'), 'unsafe')
    t.equal(headers.get('cache-control'), 'no-store')
  })

  t.test('text of an app cannot become part of the page', async (t) => {
    const evil = '<script>alert(1)</script> "x" &amp;'
    const other = await registerPurpose(world, app, { title: { nl: evil, en: evil } })
    await agree(world, school, app, other)
    const handle = await openRequest(world, school, app, other)
    for (const path of [`/requests/${handle}`, `/purposes/${other.id}/1`]) {
      const { text } = await see(path)
      t.notMatch(text, '<script>')
      t.match(text, '&#60;script&#62;')
    }
    const page = await world.call('POST', `/requests/${handle}/decisions`, {
      form: { decision: 'yes' },
      accept: 'text/html',
    })
    t.notMatch(page.text, '<script>')
  })

  t.test('a release for the task of the school is never called consent', async (t) => {
    const task = await registerPurpose(world, app, { legal_basis: 'public_task' })
    await agree(world, school, app, task)
    const handle = await openRequest(world, school, app, task)
    const begun = (lang: string) =>
      world.call('POST', `/requests/${handle}/decisions?lang=${lang}`, {
        form: { decision: 'yes' },
        accept: 'text/html',
      })
    const nl = `${(await see(`/requests/${handle}?lang=nl`)).text}${(await begun('nl')).text}`
    const en = `${(await see(`/requests/${handle}?lang=en`)).text}${(await begun('en')).text}`
    t.match(nl, 'Mag de school gegevens van je kind geven')
    t.notMatch(nl, /toestemming/i)
    t.notMatch(en, /consent/i)
  })

  t.test('after the button the page says what is about to be signed, and how to reach the wallet', async (t) => {
    const handle = await ask()
    const page = await world.call('POST', `/requests/${handle}/decisions?lang=nl`, {
      form: { decision: 'no' },
      accept: 'text/html',
    })
    t.equal(page.status, 200)
    t.match(page.text, 'nee, dit mag niet')
    t.match(page.text, 'href="haip-vp://?')
    t.match(page.text, '<svg')
    t.match(page.text, `href="../${handle}?lang=nl"`)
  })

  t.test('the browser that began reads what came of it, another one does not', async (t) => {
    const handle = await ask()
    const begun = await begin(world, handle, 'yes')
    const answered = await respond(world, begun.body.authorization_request, hold())
    const back = await see(`${answered.body.redirect_uri}?lang=nl`, cookieOf(begun))
    t.equal(back.status, 303)
    t.equal(new URL(back.headers.get('location') ?? '', answered.body.redirect_uri).pathname, `/requests/${handle}`)
    t.notMatch((await see(`/requests/${handle}?lang=nl`)).text, 'Je hebt ja gezegd')
    const own = await see(`/requests/${handle}?lang=nl`, cookieOf(begun))
    t.match(own.text, 'Je hebt ja gezegd')
    t.match(own.text, 'Ik trek mijn ja in')
  })

  t.test('a withdrawal says when it works and by when the app must have deleted', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', hold())
    const begun = await begin(world, handle, 'withdraw')
    await comeBack(world, await respond(world, begun.body.authorization_request, hold()), begun)
    const { text } = await see(`/requests/${handle}?lang=nl`, cookieOf(begun))
    t.match(text, 'Dit werkt uiterlijk op')
    t.match(text, 'weggooien wat hij heeft')
    t.match((await see(`/requests/${handle}?lang=nl`)).text, 'Dit is ingetrokken')
  })

  t.test('the record is a page too, and everything in it can be taken along', async (t) => {
    const start = await see('/me/record?lang=nl')
    t.match(start.text, 'Laat met mijn wallet zien')
    const session = await world.call('POST', '/me/sessions?lang=nl', { form: {}, accept: 'text/html' })
    const link = plain(/href="(haip-vp:[^"]+)"/.exec(session.text)?.[1] ?? '')
    await comeBack(world, await respond(world, link, hold()), session)
    const page = await see('/me/record?lang=nl', cookieOf(session))
    t.equal(page.status, 200)
    t.match(page.text, 'App rekenen: Rekenen op eigen niveau')
    t.match(page.text, 'Ingetrokken op')
    t.match(page.text, 'record?format=json')
    const file = await see('/me/record?format=json', cookieOf(session))
    t.ok(file.body.events.length > 0)
  })

  t.test('unknown addresses are answered alike, as pages in plain words', async (t) => {
    const replies = await Promise.all(
      ['/requests/AAAAAAAAAAAAAAAAAAAAAA', '/purposes/AAAAAAAAAAAAAAAAAAAAAA/1'].map((path) => see(`${path}?lang=nl`)),
    )
    t.same(
      replies.map(({ status }) => status),
      [404, 404],
    )
    t.equal(replies[0]?.text, replies[1]?.text)
  })

  t.test('the language links after a button lead back to the question', async (t) => {
    const handle = await ask()
    const reply = await see(`/requests/${handle}/decisions?lang=en`)
    t.equal(reply.status, 303)
    const target = new URL(reply.headers.get('location') ?? '', `${world.url}/requests/${handle}/decisions`)
    t.equal(target.pathname, `/requests/${handle}`)
  })

  t.test('the service describes itself', async (t) => {
    const { body } = await world.call('GET', '/openapi.json')
    for (const path of [
      '/v1/purposes',
      '/v1/agreements',
      '/v1/consent-requests',
      '/v1/deletion-receipts',
      '/me/record',
    ]) {
      t.ok(body.paths[path], path)
    }
    t.match((await world.call('GET', '/healthz')).body, { status: 'ok', member: true })
  })
})

/** What a browser makes of an attribute. */
function plain(attribute: string): string {
  return attribute.replaceAll(/&#(\d+);/g, (_entity, code) => String.fromCodePoint(Number(code)))
}
