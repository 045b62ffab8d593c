import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openKeyring } from './keyring.ts'
import { isPairingNumber, pairingNumber } from './pairing-number.ts'

const folder = mkdtempSync(join(tmpdir(), 'samen-pairing-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const keyring = openKeyring(join(folder, 'keyring'), { create: true })

t.test('each presentation has its own six digits, the same every time they are asked for', async (t) => {
  const numbers = Array.from({ length: 1_000 }, (_, index) => pairingNumber(keyring, `presentation ${index}`))
  t.ok(numbers.every((number) => /^\d{6}$/.test(number)))
  t.ok(new Set(numbers).size > 990)
  t.equal(pairingNumber(keyring, 'presentation 7'), numbers[7])
})

t.test('without the keyring nobody can say what they are', async (t) => {
  const other = openKeyring(join(folder, 'other'), { create: true })
  const same = Array.from({ length: 100 }, (_, i) => pairingNumber(other, `${i}`) === pairingNumber(keyring, `${i}`))
  t.ok(same.filter(Boolean).length < 3)
})

t.test('spaces do not count, anything else does', async (t) => {
  const number = pairingNumber(keyring, 'one')
  t.ok(isPairingNumber(keyring, 'one', number))
  t.ok(isPairingNumber(keyring, 'one', ` ${number.slice(0, 3)} ${number.slice(3)} `))
  for (const typed of ['', number.slice(1), `${number}0`, `-${number}`, pairingNumber(keyring, 'two')]) {
    t.notOk(isPairingNumber(keyring, 'one', typed), typed)
  }
})
