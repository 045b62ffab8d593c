import t from 'tap'
import {
  ANCHOR,
  type Claims,
  EPOCH,
  entity,
  markClaims,
  NOW,
  SCHOOL,
  signMark,
  without,
} from '../test/mint-federation.ts'
import { readTrustMark } from './trust-mark.ts'

const anchor = entity(ANCHOR)
const stranger = entity('https://stranger.example')
const type = 'urn:samen:trust-mark:school'
const policy = { issuer: ANCHOR, jwks: [anchor.key.publicJwk], subject: SCHOOL, type, now: NOW }
const sound = markClaims(ANCHOR, SCHOOL)

t.test('a mark that the anchor gave to this school is read', async (t) => {
  t.same(readTrustMark(signMark(anchor.key, sound), policy), {
    type,
    subject: SCHOOL,
    expiresAt: new Date((EPOCH + 3600) * 1000),
  })
})

const FAULTS: Record<string, Claims> = {
  'was given to another school': { ...sound, sub: stranger.id },
  'is of another type': { ...sound, trust_mark_type: 'urn:samen:trust-mark:app-vendor' },
  'names its type in the old way': { ...without(sound, 'trust_mark_type'), id: type },
  'names its type in both ways': { ...sound, id: type },
  'comes from another issuer': { ...sound, iss: stranger.id },
  'has ended': { ...sound, exp: EPOCH - 31 },
  'has no end': without(sound, 'exp'),
  'has no beginning': without(sound, 'iat'),
  'begins tomorrow': { ...sound, iat: EPOCH + 86_400 },
  'was delegated': { ...sound, delegation: 'x.y.z' },
  'holds a claim to be critical': { ...sound, crit: ['logo_uri'], logo_uri: ANCHOR },
}

for (const [fault, claims] of Object.entries(FAULTS)) {
  t.test(`a mark is refused when it ${fault}`, async (t) => {
    t.throws(() => readTrustMark(signMark(anchor.key, claims), policy), { code: 'invalid_trust_mark' })
  })
}

t.test('a mark is refused under another key, under another type of token, and when it is no token', async (t) => {
  const forged = signMark({ ...stranger.key, kid: anchor.key.kid }, sound)
  for (const token of [forged, signMark(anchor.key, sound, { typ: 'entity-statement+jwt' }), 'x']) {
    t.throws(() => readTrustMark(token, policy), { code: 'invalid_trust_mark' })
  }
})
