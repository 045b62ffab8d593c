import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatTrustAnchor } from '@samen/federation'
import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { readConfig } from './config.ts'

const directory = mkdtempSync(join(tmpdir(), 'samen-config-'))
t.teardown(() => rmSync(directory, { recursive: true }))
const anchorFile = join(directory, 'trust-anchor.json')
const anchor = { entityId: 'https://anchor.example', jwks: [generateSigningKey().publicJwk], caPem: 'pem' }
writeFileSync(anchorFile, formatTrustAnchor(anchor))

const ENOUGH = {
  PUBLIC_URL: 'https://verifier.example/',
  DATABASE_URL: 'postgres://localhost/verifier',
  DATA_DIR: directory,
  TRUST_ANCHOR_FILE: anchorFile,
}

t.test('a verifier starts with five facts, and publishes URLs without a slash at the end', async (t) => {
  const config = readConfig(ENOUGH)
  t.match(config, { mode: 'development', publicUrl: 'https://verifier.example', port: 7420, host: '127.0.0.1' })
  t.equal(config.anchor.entityId, 'https://anchor.example')
})

t.test('what is missing or wrong is named, and nothing is guessed', async (t) => {
  for (const name of Object.keys(ENOUGH)) {
    t.throws(() => readConfig({ ...ENOUGH, [name]: undefined }), new RegExp(`${name} is not set`))
  }
  t.throws(() => readConfig({ ...ENOUGH, MODE: 'test' }), /MODE/)
  t.throws(() => readConfig({ ...ENOUGH, PORT: '70000' }), /PORT/)
  t.throws(() => readConfig({ ...ENOUGH, PUBLIC_URL: 'https://verifier.example/?a' }), /PUBLIC_URL/)
  t.throws(() => readConfig({ ...ENOUGH, TRUST_ANCHOR_FILE: join(directory, 'none') }), /TRUST_ANCHOR_FILE/)
})

t.test('in production the world is reached over https only', async (t) => {
  const plain = { ...ENOUGH, PUBLIC_URL: 'http://verifier.example', ALLOWED_HOSTS: 'issuer, registry' }
  t.throws(() => readConfig({ ...plain, MODE: 'production' }), /PUBLIC_URL/)
  t.same(readConfig(plain).allowedHosts, ['issuer', 'registry'])
  t.same(readConfig({ ...ENOUGH, MODE: 'production', ALLOWED_HOSTS: 'issuer' }).allowedHosts, [])
})
