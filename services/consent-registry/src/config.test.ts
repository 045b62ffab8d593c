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

t.test('a registry starts with five facts, at the port that the other parties of a local network expect', async (t) => {
  t.match(readConfig(GOOD), { publicUrl: 'https://registry.example', port: 7430, mode: 'production' })
  for (const name of Object.keys(GOOD)) {
    const message = `the consent registry cannot start: ${name} is not set`
    t.throws(() => readConfig({ ...GOOD, [name]: undefined }), { message })
  }
})
