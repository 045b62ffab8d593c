import { exportSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { ANCHOR, entity } from '../test/mint-federation.ts'
import { formatTrustAnchor, parseTrustAnchor } from './trust-anchor-file.ts'

const { key } = entity(ANCHOR)
const file = { entity_id: ANCHOR, jwks: { keys: [key.publicJwk] }, ca: '-----BEGIN CERTIFICATE-----' }

t.test('the anchor that was written down is the anchor that is read', async (t) => {
  const read = parseTrustAnchor(JSON.stringify(file))
  t.match(read, { entityId: ANCHOR, caPem: file.ca, jwks: [{ kid: key.kid, x: key.publicJwk.x }] })
  t.same(parseTrustAnchor(formatTrustAnchor(read)), read)
})

t.test('a file that is no anchor starts no node', async (t) => {
  const faults = [
    '',
    '[]',
    '{"entity_id": "https://a.example", "entity_id": "https://b.example"}',
    JSON.stringify({ ...file, entity_id: 'https://Anchor.example' }),
    JSON.stringify({ ...file, jwks: { keys: [] } }),
    JSON.stringify({ ...file, jwks: { keys: [exportSigningKey(key)] } }),
    JSON.stringify({ ...file, ca: undefined }),
  ]
  for (const fault of faults) t.throws(() => parseTrustAnchor(fault), { code: 'invalid_anchor' })
})
