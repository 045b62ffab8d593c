import { type Member, TrustError } from '@samen/federation'
import { generateSigningKey, signJwt } from '@samen/jwt-profile'
import t from 'tap'
import { readAgreement } from './agreement.ts'
import { readConsentRequest } from './consent-request.ts'
import { readDeletion } from './deletion-receipt.ts'
import { signNodeMessage, verifyNodeMessage } from './node-message.ts'
import { readReceipt, receiptExpiry } from './receipt.ts'
import { readWithdrawal, withdrawalEvents } from './withdrawal-notice.ts'

const NOW = new Date('2026-11-24T12:00:00Z')
const KEY = generateSigningKey()
const MESSAGE = {
  typ: 'samen-purpose+jwt',
  iss: 'https://verifier.example/apps/rekenen',
  aud: 'https://registry.example',
  now: NOW,
  expiresAt: 'not-used' as Date | 'not-used',
  jti: 'A'.repeat(22),
  body: { purpose: { id: 'x' } },
}
const POLICY = { typ: MESSAGE.typ, audience: MESSAGE.aud, trustMark: 'mark', resolver: knows(), now: NOW }

function knows(code?: TrustError['code'], asked: string[] = []) {
  return {
    async resolve(entityId: string): Promise<Member> {
      asked.push(entityId)
      if (code !== undefined) throw new TrustError(code, 'no')
      if (entityId !== MESSAGE.iss) throw new TrustError('not_a_member', 'no')
      return { entityId, jwks: [KEY.publicJwk], metadata: {}, trustMarks: ['mark'], expiresAt: NOW }
    },
  }
}

t.test('a message says who sent it, when, under which id, and what', async (t) => {
  const verified = await verifyNodeMessage(signNodeMessage(KEY, MESSAGE), POLICY)
  t.match(verified, { iss: MESSAGE.iss, jti: MESSAGE.jti, issuedAt: NOW, body: MESSAGE.body })
  t.equal(verified.member.entityId, MESSAGE.iss)
})

t.test('a message that was meant for something else does not verify, and asks nobody who sent it', async (t) => {
  const sign = (more: Partial<typeof MESSAGE>, key = KEY) => signNodeMessage(key, { ...MESSAGE, ...more })
  const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)
  const { typ, iss, aud, jti } = MESSAGE
  const bare = (claims: object) => signJwt(KEY, { typ }, { iss, aud, iat: NOW.getTime() / 1000, jti, ...claims })
  const bad = {
    'another type': sign({ typ: 'samen-agreement+jwt' }),
    'another audience': sign({ aud: 'https://other.example' }),
    'too old': sign({ now: at(-331) }),
    'from the future': sign({ now: at(31) }),
    expired: sign({ expiresAt: at(-30) }),
    'not a token': 'rubbish',
    'too large': sign({ body: { purpose: { id: 'x'.repeat(70_000) } } }),
    'a short id': bare({ jti: 'x' }),
    'two audiences': bare({ aud: [aud] }),
    'no sender': bare({ iss: undefined }),
    'a sender that is no entity': bare({ iss: 'https://verifier.example/apps/rekenen?x' }),
    'a sender in a second spelling': bare({ iss: 'https://VERIFIER.example/apps/rekenen' }),
  }
  const refused = { status: 400, code: 'authentication_failed' }
  const asked: string[] = []
  for (const [what, token] of Object.entries(bad)) {
    await t.rejects(verifyNodeMessage(token, { ...POLICY, resolver: knows(undefined, asked) }), refused, what)
  }
  t.same(asked, [])
  await t.rejects(verifyNodeMessage(sign({}, generateSigningKey()), POLICY), refused, 'another key')
  t.ok(await verifyNodeMessage(sign({ now: at(-329) }), POLICY), 'just young enough')
  t.ok(await verifyNodeMessage(sign({ expiresAt: at(-29) }), POLICY), 'just not over')
})

t.test('a receipt ends with the last day of its consent', async (t) => {
  const expiresAt = receiptExpiry({ until: '2027-07-31' })
  t.same(expiresAt, new Date('2027-08-01T00:00:00Z'))
  const now = new Date('2027-08-01T00:00:30Z')
  const token = signNodeMessage(KEY, { ...MESSAGE, now, expiresAt })
  await t.rejects(verifyNodeMessage(token, { ...POLICY, now }), { status: 400, code: 'authentication_failed' })
  t.ok(await verifyNodeMessage(token, { ...POLICY, now: new Date(now.getTime() - 1_000) }))
})

t.test(
  'strangers and members without the mark are refused in the same words; an absent anchor is nobody’s fault',
  async (t) => {
    const token = signNodeMessage(KEY, MESSAGE)
    const refusalOf = async (code: TrustError['code']) => {
      const { status, message } = await verifyNodeMessage(token, { ...POLICY, resolver: knows(code) }).catch(
        (error) => error,
      )
      return `${status} ${message}`
    }
    const refusals = await Promise.all(
      (['not_a_member', 'missing_trust_mark', 'invalid_chain'] as const).map(refusalOf),
    )
    t.equal(new Set(refusals).size, 1)
    t.match(refusals[0], /^403 access_denied/)
    t.match(await refusalOf('unreachable'), /^503/)
    const broken = { resolve: () => Promise.reject(new RangeError('a bug')) }
    await t.rejects(verifyNodeMessage(token, { ...POLICY, resolver: broken }), RangeError)
  },
)

t.test('the body cannot replace the envelope, and a message needs an id that cannot be guessed', async (t) => {
  for (const name of ['iss', 'aud', 'iat', 'exp', 'jti']) {
    t.throws(() => signNodeMessage(KEY, { ...MESSAGE, body: { [name]: 'x' } }), RangeError, name)
  }
  t.throws(() => signNodeMessage(KEY, { ...MESSAGE, jti: '1' }), RangeError)
})

const REFUSED = { status: 400, code: 'invalid_request' }
const AGREEMENT = {
  purpose_id: 'B'.repeat(22),
  purpose_version: 1,
  purpose_hash: 'C'.repeat(43),
  app: 'https://verifier.example/apps/rekenen',
  guardians: 'every',
  processor_agreement: { model: 'Modelovereenkomst 4.0', reference: 'VO-17', signed_at: '2026-08-20' },
  valid_until: '2027-07-31',
}
const REQUEST = {
  purpose_id: 'B'.repeat(22),
  purpose_version: 1,
  school: 'https://issuer.example/schools/west',
  expires_at: '2026-12-24T12:00:00Z',
}
const DELETION = { handle: 'D'.repeat(22), confirmed_at: '2026-12-01T09:00:00.000Z' }
const RECEIPT = {
  handle: 'D'.repeat(22),
  purpose_id: 'B'.repeat(22),
  purpose_version: 1,
  school: 'https://issuer.example/schools/west',
  until: '2027-07-31',
  status: { status_list: { uri: 'https://registry.example/consent-lists/1', idx: 0 } },
  binding_salt: 'E'.repeat(22),
  binding: 'F'.repeat(43),
}

t.test('each kind of message is read as agreed, and refused when a member is missing or bent', async (t) => {
  const kinds: [string, (value: unknown) => unknown, object, object[]][] = [
    ['agreement', readAgreement, AGREEMENT, [{ guardians: 'some' }, { valid_until: '2027-02-30' }, { extra: 1 }]],
    [
      'request',
      readConsentRequest,
      REQUEST,
      [{ expires_at: '2026-12-24' }, { expires_at: '2026-99-24T12:00:00Z' }, { child: 'kim' }],
    ],
    [
      'deletion',
      readDeletion,
      DELETION,
      [{ confirmed_at: 'now' }, { confirmed_at: '2026-13-01T00:00:00Z' }, { who: 'kim' }],
    ],
    ['receipt', readReceipt, RECEIPT, [{ binding: 'x' }, { until: 'soon' }]],
  ]
  for (const [name, read, good, bends] of kinds) {
    t.same(read(structuredClone(good)), good, name)
    for (const member of Object.keys(good)) {
      const { [member as never]: _left, ...rest } = good
      t.throws(() => read(rest), REFUSED, `${name} without ${member}`)
    }
    for (const bend of bends) t.throws(() => read({ ...good, ...bend }), REFUSED, JSON.stringify(bend))
  }
  t.throws(() =>
    readAgreement({ ...AGREEMENT, processor_agreement: { ...AGREEMENT.processor_agreement, signed_at: '2026-02-31' } }),
  )
})

t.test('a notice of withdrawal names the consent and the last day, under its own event type', async (t) => {
  const events = withdrawalEvents({ handle: 'D'.repeat(22), delete_by: '2026-12-24' })
  t.same(Object.keys(events), ['urn:samen:event:consent-withdrawn'])
  t.same(readWithdrawal(events), { handle: 'D'.repeat(22), delete_by: '2026-12-24' })
  t.throws(() => readWithdrawal({ 'urn:other': {} }), REFUSED)
})
