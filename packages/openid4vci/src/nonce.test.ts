import { randomBytes } from 'node:crypto'
import t from 'tap'
import { checkNonce, issueNonce, NONCE_LIFETIME_SECONDS } from './nonce.ts'

const key = randomBytes(32)
const now = new Date('2026-11-24T10:00:00Z')
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)
const refused = { status: 400, code: 'invalid_nonce' }

t.test('a nonce is ours for five minutes, and nothing is stored for it', async (t) => {
  const nonce = issueNonce(key, 'de-regenboog', now, randomBytes)
  t.same(checkNonce(key, 'de-regenboog', nonce, now).expiresAt, later(NONCE_LIFETIME_SECONDS))
  t.ok(checkNonce(key, 'de-regenboog', nonce, later(NONCE_LIFETIME_SECONDS - 1)))
  t.throws(() => checkNonce(key, 'de-regenboog', nonce, later(NONCE_LIFETIME_SECONDS)), refused, 'not at its very end')
})

t.test('a thousand nonces are a thousand values', async (t) => {
  const values = new Set(Array.from({ length: 1000 }, () => issueNonce(key, 'de-regenboog', now, randomBytes)))
  t.equal(values.size, 1000)
})

t.test('a nonce of one school is nothing at another, nor under another key', async (t) => {
  const nonce = issueNonce(key, 'de-regenboog', now, randomBytes)
  t.throws(() => checkNonce(key, 'de-wilg', nonce, now), refused)
  t.throws(() => checkNonce(randomBytes(32), 'de-regenboog', nonce, now), refused)
})

t.test('a nonce that we did not make is refused, in any form', async (t) => {
  const nonce = issueNonce(key, 'de-regenboog', now, randomBytes)
  const flipped = Buffer.from(nonce, 'base64url')
  flipped[0] = (flipped[0] ?? 0) ^ 1
  for (const other of ['', 'abc', randomBytes(36).toString('base64url'), flipped.toString('base64url'), `${nonce}A`])
    t.throws(() => checkNonce(key, 'de-regenboog', other, now), refused)
})

t.test('a nonce has one spelling only, so that it cannot be spent twice under two', async (t) => {
  const nonce = issueNonce(key, 'de-regenboog', now, () => Buffer.alloc(16, 0xff))
  for (const spelling of [`${nonce}=`, ` ${nonce}`, nonce.replaceAll('_', '/').replaceAll('-', '+')])
    if (spelling !== nonce) t.throws(() => checkNonce(key, 'de-regenboog', spelling, now), refused)
})

t.test('a nonce from the future would outlive the memory of its use and is refused', async (t) => {
  const nonce = issueNonce(key, 'de-regenboog', later(3600), randomBytes)
  t.throws(() => checkNonce(key, 'de-regenboog', nonce, now), refused)
})
