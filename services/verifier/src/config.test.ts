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
  MODE: 'production',
  PUBLIC_URL: 'https://verifier.example/',
  DATABASE_URL: 'postgres://localhost/verifier',
  DATA_DIR: directory,
  TRUST_ANCHOR_FILE: anchorFile,
}

t.test('a verifier starts with five facts, at a port of its own', async (t) => {
  const config = readConfig(ENOUGH)
  t.match(config, { mode: 'production', publicUrl: 'https://verifier.example', port: 7420, host: '127.0.0.1' })
  t.equal(config.anchor.entityId, 'https://anchor.example')
  for (const name of Object.keys(ENOUGH)) {
    t.throws(() => readConfig({ ...ENOUGH, [name]: undefined }), {
      message: `the verifier cannot start: ${name} is not set`,
    })
  }
})
