import type { lookup } from 'node:dns'
import t from 'tap'
import { createLookup, readUrl, type UrlPolicy } from './url-policy.ts'

const PRODUCTION: UrlPolicy = { mode: 'production', allowedHosts: ['issuer'] }
const DEVELOPMENT: UrlPolicy = { mode: 'development', allowedHosts: ['issuer', 'anchor:8080'] }

const codeOf = (policy: UrlPolicy, url: string): unknown => {
  try {
    readUrl(policy, url)
    return 'allowed'
  } catch (error) {
    return (error as { code: unknown }).code
  }
}

t.test('in production only https to the internet is asked', async (t) => {
  t.equal(codeOf(PRODUCTION, 'https://school.example/x'), 'allowed')
  for (const url of [
    'http://school.example',
    'http://localhost',
    'http://issuer',
    'ftp://school.example',
    'file:///etc/passwd',
    'nonsense',
    '',
  ]) {
    t.equal(codeOf(PRODUCTION, url), 'url-refused', url)
  }
  for (const url of [
    'https://user@school.example',
    'https://:pw@school.example',
    `https://school.example/${'x'.repeat(2_048)}`,
  ]) {
    t.equal(codeOf(PRODUCTION, url), 'url-refused', url.slice(0, 40))
  }
})

t.test('an address of this machine or network is refused in every spelling', async (t) => {
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '10.0.0.1',
    '169.254.169.254',
    '0',
  ]) {
    t.equal(codeOf(PRODUCTION, `https://${host}/`), 'address-refused', host)
  }
  t.equal(codeOf(DEVELOPMENT, 'https://10.0.0.1/'), 'address-refused')
  t.equal(codeOf(DEVELOPMENT, 'https://169.254.169.254/'), 'address-refused')
})

t.test('in development this machine and the named hosts are asked too, also without TLS', async (t) => {
  for (const url of [
    'http://localhost:1/',
    'http://127.0.0.1:1/',
    'http://[::1]:1/',
    'http://issuer:99/',
    'http://anchor:8080/',
  ]) {
    t.equal(codeOf(DEVELOPMENT, url), 'allowed', url)
  }
  for (const url of ['http://anchor:8081/', 'http://school.example/', 'ftp://localhost/'])
    t.equal(codeOf(DEVELOPMENT, url), 'url-refused', url)
})

/** What a connection to `hostname` would be told, when the name has these addresses. */
function resolve(policy: UrlPolicy, hostname: string, ...addresses: string[]) {
  let asked = 0
  const fake = ((_name: string, _options: object, callback: (error: null, found: object[]) => void) => {
    asked++
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }) as unknown as typeof lookup
  return new Promise<{ code?: unknown; found?: unknown; asked: number }>((done) => {
    createLookup(policy, fake)(hostname, { all: true }, (error, found) => {
      done(error ? { code: (error as { code?: unknown }).code, asked } : { found, asked })
    })
  })
}

t.test('a name leads only to addresses that were judged, by the one look-up that is made', async (t) => {
  t.match(await resolve(PRODUCTION, 'school.example', '93.184.215.14'), {
    found: [{ address: '93.184.215.14', family: 4 }],
    asked: 1,
  })
  t.match(await resolve(PRODUCTION, 'school.example', '10.0.0.1'), { code: 'address-refused' })
  t.match(await resolve(PRODUCTION, 'school.example', '93.184.215.14', '169.254.169.254'), { code: 'address-refused' })
  t.match(await resolve(PRODUCTION, 'school.example', '::ffff:127.0.0.1'), { code: 'address-refused' })
  t.match(await resolve(PRODUCTION, 'localhost', '127.0.0.1'), { code: 'address-refused' })
  t.match(await resolve(PRODUCTION, 'issuer', '172.18.0.2'), { code: 'address-refused' })
  t.match(await resolve(PRODUCTION, 'school.example'), { code: 'address-refused' })
  t.match(await resolve(DEVELOPMENT, 'evil.example', '127.0.0.1'), { code: 'address-refused' })
  t.match(await resolve(DEVELOPMENT, 'localhost', '127.0.0.1'), { found: [{ address: '127.0.0.1' }] })
  t.match(await resolve(DEVELOPMENT, 'localhost', '10.0.0.1'), { code: 'address-refused' })
  t.match(await resolve(DEVELOPMENT, 'anchor', '172.18.0.2'), { found: [{ address: '172.18.0.2' }] })
})
