import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyDatabase } from '@samen/test-kit'
import t from 'tap'
import { readConfig } from '../src/config.ts'
import { openDeps } from '../src/deps.ts'
import { runAnchor, settings } from './running-anchor.ts'

t.test(
  'the first start makes keys of its own, readable by nobody else; the second start finds them again',
  async (t) => {
    const { config } = await settings(t)
    const first = await openDeps(config)
    await first.close()
    for (const file of ['keyring', 'operator-key']) {
      t.equal(statSync(join(config.dataDirectory, file)).mode & 0o777, 0o600, file)
    }
    const published = readFileSync(join(config.dataDirectory, 'public', 'trust-anchor.json'), 'utf8')
    t.notMatch(published, /"d"|PRIVATE/)
    const second = await openDeps(config)
    await second.close()
    t.equal(second.keys.federation.kid, first.keys.federation.kid)
    t.equal(second.keys.authority.certificatePem, first.keys.authority.certificatePem)
    t.equal(readFileSync(join(config.dataDirectory, 'public', 'trust-anchor.json'), 'utf8'), published)
  },
)

t.test(
  'a role above row-level security is refused before it has made anything that a right one could not use',
  async (t) => {
    const { url, superuserUrl } = await emptyDatabase(t)
    const { config } = await settings(t)
    await t.rejects(openDeps({ ...config, databaseUrl: superuserUrl }), /above row-level security/)
    await (await openDeps({ ...config, databaseUrl: url })).close()
  },
)

t.test('two processes that start together have the same keys', async (t) => {
  const { config } = await settings(t)
  const [a, b] = await Promise.all([openDeps(config), openDeps(config)])
  await Promise.all([a.close(), b.close()])
  t.equal(a.keys.federation.kid, b.keys.federation.kid)
  t.equal(a.keys.authority.certificatePem, b.keys.authority.certificatePem)
  t.same(a.operatorKeyHash, b.operatorKeyHash)
})

t.test(
  'a lost or exchanged keyring stops the start: a second anchor of the same name would split the federation',
  async (t) => {
    const { config } = await settings(t)
    await (await openDeps(config)).close()
    const keyring = join(config.dataDirectory, 'keyring')
    rmSync(keyring)
    await t.rejects(openDeps(config), { message: 'the keyring file does not exist' })
    writeFileSync(keyring, Buffer.alloc(32, 7), { mode: 0o600 })
    await t.rejects(openDeps(config), /not the one with which/)
    t.equal(readFileSync(keyring).length, 32)
  },
)

t.test('an anchor that lost its database does not come up as a second one under the old name', async (t) => {
  const { config } = await settings(t)
  const first = await openDeps(config)
  await first.close()
  const file = join(config.dataDirectory, 'public', 'trust-anchor.json')
  const published = readFileSync(file, 'utf8')
  const { config: empty } = await settings(t)
  const lost = { ...config, databaseUrl: empty.databaseUrl }
  await t.rejects(openDeps(lost), { message: /trust-anchor\.json .* another anchor.*restore its database/ })
  await t.rejects(openDeps(lost), /another anchor/, 'also at the second try')
  await t.rejects(openDeps({ ...config, publicUrl: 'https://other.example' }), /another anchor.*PUBLIC_URL/)
  t.equal(readFileSync(file, 'utf8'), published, 'what the members pin stays')
  writeFileSync(file, '{}')
  await t.rejects(openDeps(config), /another anchor/)
  writeFileSync(file, published)
  const again = await openDeps(config)
  await again.close()
  t.equal(again.keys.federation.kid, first.keys.federation.kid)
})

t.test('an operator key that others can read stops the start', async (t) => {
  const { config } = await settings(t)
  await (await openDeps(config)).close()
  const file = join(config.dataDirectory, 'operator-key')
  rmSync(file)
  writeFileSync(file, 'a'.repeat(43), { mode: 0o644 })
  await t.rejects(openDeps(config), /only its owner can read/)
})

t.test('settings that cannot be meant stop the start with one sentence that names them', async (t) => {
  const sound = {
    PUBLIC_URL: 'https://anchor.example/',
    DATABASE_URL: 'postgres://x',
    DATA_DIR: '/x',
    MODE: 'production',
  }
  t.match(readConfig(sound), { publicUrl: 'https://anchor.example', privateHost: '127.0.0.1', mode: 'production' })
  const faults: [Record<string, string>, string][] = [
    [{ MODE: 'test' }, 'MODE'],
    [{ PUBLIC_URL: '' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'http://127.0.0.1:1' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'https://Anchor.example' }, 'PUBLIC_URL'],
    [{ DATABASE_URL: '' }, 'DATABASE_URL'],
    [{ DATA_DIR: '' }, 'DATA_DIR'],
    [{ PORT: '70000' }, 'PORT'],
    [{ PRIVATE_PORT: 'x' }, 'PRIVATE_PORT'],
  ]
  for (const [fault, name] of faults)
    t.throws(() => readConfig({ ...sound, ...fault }), new RegExp(name), JSON.stringify(fault))
})

t.test('everything the two ports can do stands in their descriptions, with examples', async (t) => {
  const anchor = await runAnchor(t)
  const open = (await (await anchor.read('/openapi.json')).json()) as { paths: object }
  t.same(Object.keys(open.paths).sort(), [
    '/.well-known/openid-federation',
    '/certificates',
    '/fetch',
    '/healthz',
    '/list',
    '/trust-mark',
  ])
  const inside = (await (await anchor.operate('GET', '/openapi.json')).json()) as { paths: object }
  t.same(Object.keys(inside.paths).sort(), ['/healthz', '/v1/entities', '/v1/entities/{entity_id}'])
  t.match(JSON.stringify(inside), 'https://issuer.example/schools/de-vlieger')
})
