import { createHmac } from 'node:crypto'
import { decryptJwe, encryptJwe } from '@samen/jwt-profile'
import t from 'tap'
import { encryptionKeyOf } from './presentation-secrets.ts'

const macUnder = (key: string) => ({
  mac: (purpose: string, ...parts: string[]) =>
    createHmac('sha256', key)
      .update(JSON.stringify([purpose, ...parts]))
      .digest(),
})

t.test(
  'what is encrypted to the key of a link opens with the key that is derived again, and with no other',
  async (t) => {
    const { d: _private, ...publicJwk } = encryptionKeyOf(macUnder('ours'), 'one link')
    const sent = await encryptJwe('an answer', publicJwk, {}, 'A256GCM')
    const open = (key: string, id: string) =>
      decryptJwe(sent, encryptionKeyOf(macUnder(key), id), { kid: publicJwk.kid, enc: ['A256GCM'], maxBytes: 4_096 })
    t.equal(open('ours', 'one link').plaintext, 'an answer')
    t.throws(() => open('ours', 'another link'), { code: 'undecryptable' })
    t.throws(() => open('theirs', 'one link'), { code: 'undecryptable' })
  },
)

t.test('a number that is too large for the curve is passed over', async (t) => {
  const honest = macUnder('ours')
  const first = (_purpose: string, ...parts: string[]) => parts.at(-1) === '0'
  const mac = (purpose: string, ...parts: string[]) =>
    first(purpose, ...parts) ? Buffer.alloc(32, 0xff) : honest.mac(purpose, ...parts)
  t.same(
    encryptionKeyOf({ mac }, 'one link').d,
    honest.mac('presentation', 'encryption', 'one link', '1').toString('base64url'),
  )
})
