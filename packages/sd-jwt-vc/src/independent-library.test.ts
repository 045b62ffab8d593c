import { randomBytes, sign, verify } from 'node:crypto'
import { importPublicJwk, type SigningKey } from '@samen/jwt-profile'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import t from 'tap'
import {
  APP,
  bindingPolicy,
  CLAIMS,
  digestOf,
  holderKey,
  NOW,
  SCHOOL,
  SECONDS,
  schoolKey,
  verifyBinding,
  verifyCredential,
} from '../test/forge-credential.ts'
import { issueSdJwtVc } from './issue-sd-jwt-vc.ts'
import { presentSdJwtVc } from './present-sd-jwt-vc.ts'

const key = { ...schoolKey, x5c: ['leaf'] }
const hidden = { year_group: 7, given_name: 'Zoë', languages: ['nl', 'fr'] }
const ages = { '12': false, '13': false }
const nonce = bindingPolicy.nonce

const signer = (by: SigningKey) => (data: string) =>
  sign('sha256', Buffer.from(data), { key: by.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
const verifier = (by: SigningKey) => (data: string, signature: string) =>
  verify(
    'sha256',
    Buffer.from(data),
    { key: importPublicJwk(by.publicJwk), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )

/** @sd-jwt/sd-jwt-vc, a reader and writer of the format that is not ours. */
const library = new SDJwtVcInstance({
  hasher: (data: string | ArrayBuffer) => Buffer.from(digestOf(data as string), 'base64url'),
  hashAlg: 'sha-256',
  saltGenerator: () => randomBytes(16).toString('base64url'),
  signer: signer(schoolKey),
  signAlg: 'ES256',
  verifier: verifier(schoolKey),
  kbSigner: signer(holderKey),
  kbSignAlg: 'ES256',
  kbVerifier: verifier(holderKey),
})

const ours = () =>
  issueSdJwtVc({
    key,
    issuer: SCHOOL,
    vct: CLAIMS.vct,
    claims: { visible: { enrolled: true }, hidden, hiddenMembers: { age_equal_or_over: ages } },
    holderKey: holderKey.publicJwk,
    status: CLAIMS.status.status_list,
    expiresAt: new Date('2099-01-01T00:00:00Z'),
    random: randomBytes,
    decoys: 3,
  })

/** The library reads the status by itself over the network, which is not what is tried here. */
const withoutStatus = { iss: SCHOOL, vct: CLAIMS.vct, exp: SECONDS + 86_400, cnf: CLAIMS.cnf }

t.test('an independent wallet reads our credential', async (t) => {
  const claims = await library.getClaims(ours())
  t.match(claims, { ...hidden, enrolled: true, age_equal_or_over: ages, vct: CLAIMS.vct, iss: SCHOOL })
})

t.test('we accept what an independent wallet presents of our credential', async (t) => {
  const frame = { year_group: true, age_equal_or_over: { 12: true } }
  const presented = await library.present(ours(), frame, { kb: { payload: { iat: SECONDS, aud: APP, nonce } } })
  const { claims } = verifyCredential(presented)
  t.equal(claims['year_group'], 7)
  t.same(claims['age_equal_or_over'], { '12': false })
  t.notOk('given_name' in claims)
  t.ok(verifyBinding(presented))
})

t.test('we accept and present what an independent issuer issues, nested and in arrays, with its decoys', async (t) => {
  const issued = await library.issue(
    { ...withoutStatus, ...hidden, address: { street: 'Dorpsstraat', town: 'Zeist' } },
    {
      _sd: ['year_group', 'given_name', 'address'],
      _sd_decoy: 2,
      languages: { _sd: [1] },
      address: { _sd: ['street'] },
    },
  )
  const all = verifyCredential(issued)
  t.match(all.claims, { ...hidden, address: { street: 'Dorpsstraat', town: 'Zeist' } })
  const disclose = [
    ['address', 'street'],
    ['languages', 1],
  ]
  const presented = presentSdJwtVc(issued, { disclose, nonce, audience: APP, holderKey, now: NOW })
  const { claims } = verifyCredential(presented)
  t.same(claims['languages'], ['nl', 'fr'])
  t.same(claims['address'], { street: 'Dorpsstraat', town: 'Zeist' })
  t.notOk('given_name' in claims || 'year_group' in claims)
})

t.test('an independent verifier accepts our presentation', async (t) => {
  const issued = await library.issue({ ...withoutStatus, exp: 4_070_908_800, ...hidden }, { _sd: ['year_group'] })
  const presented = presentSdJwtVc(issued, { disclose: [['year_group']], nonce, audience: APP, holderKey, now: NOW })
  const { payload, kb } = await library.verify(presented, { keyBindingNonce: nonce, currentDate: SECONDS })
  t.match(payload, { year_group: 7, vct: CLAIMS.vct })
  t.equal(kb?.payload.aud, APP)
})
