import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificateAuthority } from '@samen/certificates'
import { formatTrustAnchor } from '@samen/federation'
import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'samen-config-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const { certificatePem: caPem } = await createCertificateAuthority({ name: 'Test', now: new Date(1.8e12), years: 5 })
const anchorFile = join(folder, 'trust-anchor.json')
writeFileSync(
  anchorFile,
  formatTrustAnchor({ entityId: 'https://anchor.example', jwks: [generateSigningKey().publicJwk], caPem }),
)
const GOOD = {
  PUBLIC_URL: 'https://registry.example/',
  DATABASE_URL: 'postgres://localhost/registry',
  DATA_DIR: folder,
  TRUST_ANCHOR_FILE: anchorFile,
  MODE: 'production',
}

t.test('a full environment is read; what is not said has a careful default', async (t) => {
  const config = readConfig(GOOD)
  t.match(config, { publicUrl: 'https://registry.example', host: '127.0.0.1', mode: 'production', logLevel: 'info' })
  t.equal(config.port, 7430, 'the port that the other parties of a local network expect')
  t.same(readConfig({ ...GOOD, ALLOWED_HOSTS: 'a,b' }).allowedHosts, [], 'no exceptions in production')
  t.same(readConfig({ ...GOOD, MODE: 'development', ALLOWED_HOSTS: 'a, b,' }).allowedHosts, ['a', 'b'])
})

t.test('what is missing or unsafe is said in one sentence that names the variable and not its value', async (t) => {
  for (const name of ['PUBLIC_URL', 'DATABASE_URL', 'DATA_DIR', 'TRUST_ANCHOR_FILE']) {
    const { [name as 'PUBLIC_URL']: _left, ...rest } = GOOD
    t.throws(() => readConfig(rest), new RegExp(name))
  }
  const bad = {
    MODE: 'test',
    PUBLIC_URL: 'http://registry.example',
    PORT: '70000',
    TRUST_ANCHOR_FILE: join(folder, 'none'),
  }
  for (const [name, value] of Object.entries(bad)) {
    t.throws(() => readConfig({ ...GOOD, [name]: value }), new RegExp(name))
    t.doesNotThrow(() => {
      try {
        readConfig({ ...GOOD, [name]: value })
      } catch (error) {
        if ((error as Error).message.includes(value)) throw new Error('the value is in the message')
      }
    })
  }
})
