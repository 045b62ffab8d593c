import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeyring, pooledRandom } from '@samen/sealing'
import t from 'tap'
import { newAccessToken, readOurToken } from './access-token.ts'

const keyring = openKeyring(join(mkdtempSync(join(tmpdir(), 'samen-token-')), 'keyring'), { create: true })
const deps = { keyring, random: pooledRandom }
const school = { slug: 'de-eik' }

t.test('a token tells the school, and nobody else, which wallet asked for it', async (t) => {
  for (const clientId of ['anonymous', 'https://wallet.example', 'a'.repeat(255)]) {
    const token = newAccessToken(deps, school, 'jkt', clientId)
    t.same(readOurToken(deps, school, 'jkt', token), { clientId })
    t.equal(readOurToken(deps, school, 'another key', token), undefined)
    t.equal(readOurToken(deps, { slug: 'de-wilg' }, 'jkt', token), undefined)
  }
})

t.test('a wallet that writes another name into its token has no token', async (t) => {
  const token = Buffer.from(newAccessToken(deps, school, 'jkt', 'https://wallet.example'), 'base64url')
  const renamed = Buffer.concat([token.subarray(0, 48), Buffer.from('https://other.example')])
  for (const bytes of [renamed, token.subarray(0, 48), token.subarray(0, 47), Buffer.alloc(0)])
    t.equal(readOurToken(deps, school, 'jkt', bytes.toString('base64url')), undefined)
})
