import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readMemberConfig, readNodeConfig } from './read-node-config.ts'

const NODE = { service: 'issuer', defaultPort: 7410 }
const GOOD = {
  MODE: 'production',
  PUBLIC_URL: 'https://issuer.example/',
  DATABASE_URL: 'postgres://127.0.0.1/issuer',
  DATA_DIR: '/data',
}

t.test('what is needed is enough, and the rest has stated defaults', async (t) => {
  t.same(readNodeConfig(GOOD, NODE), {
    mode: 'production',
    publicUrl: 'https://issuer.example',
    host: '127.0.0.1',
    port: 7410,
    databaseUrl: 'postgres://127.0.0.1/issuer',
    dataDirectory: '/data',
    logLevel: 'info',
    allowedHosts: [],
  })
})

t.test('a node does not start without what it needs, and says which', async (t) => {
  for (const name of Object.keys(GOOD)) {
    t.throws(() => readNodeConfig({ ...GOOD, [name]: '' }, NODE), {
      message: `the issuer cannot start: ${name} is not set`,
    })
  }
  t.throws(() => readMemberConfig(GOOD, NODE), { message: 'the issuer cannot start: TRUST_ANCHOR_FILE is not set' })
})

t.test('a wrong value is refused, and never repeated in the message', async (t) => {
  const wrong = {
    MODE: 'test-secret',
    PUBLIC_URL: 'https://issuer.example/?secret=1',
    PORT: '70000',
  }
  for (const [name, value] of Object.entries(wrong)) {
    const error = t.throws(() => readNodeConfig({ ...GOOD, [name]: value }, NODE), name) as Error
    t.match(error.message, name)
    t.notMatch(error.message, value)
  }
  t.throws(() => readNodeConfig({ ...GOOD, PORT: ' ' }, NODE))
})

t.test('in production everything is https and no host is let in over plain HTTP', async (t) => {
  t.throws(() => readNodeConfig({ ...GOOD, PUBLIC_URL: 'http://127.0.0.1:7410' }, NODE), { message: /PUBLIC_URL/ })
  t.same(readNodeConfig({ ...GOOD, ALLOWED_HOSTS: 'verifier' }, NODE).allowedHosts, [])
  const development = {
    ...GOOD,
    MODE: 'development',
    PUBLIC_URL: 'http://127.0.0.1:7410',
    ALLOWED_HOSTS: 'verifier, registry,',
  }
  t.same(readNodeConfig(development, NODE).allowedHosts, ['verifier', 'registry'])
})

t.test('an anchor file that cannot be read is named as such', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'samen-config-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'trust-anchor.json')
  t.throws(() => readMemberConfig({ ...GOOD, TRUST_ANCHOR_FILE: file }, NODE), { message: /TRUST_ANCHOR_FILE/ })
  writeFileSync(file, '{}')
  t.throws(() => readMemberConfig({ ...GOOD, TRUST_ANCHOR_FILE: file }, NODE), { message: /TRUST_ANCHOR_FILE/ })
})
