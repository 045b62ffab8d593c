import { EventEmitter } from 'node:events'
import t from 'tap'
import { whenLost } from './wallet-route.ts'

const answer = (destroyed = false) => Object.assign(new EventEmitter(), { destroyed })

t.test('an answer that went out whole is not lost', async (t) => {
  const sent = answer()
  whenLost(sent, () => t.fail('it was sent'))
  sent.emit('finish')
  sent.emit('close')
})

t.test('an answer is lost when the connection closes first, and when it was closed already', async (t) => {
  let lost = 0
  const broken = answer()
  whenLost(broken, () => lost++)
  broken.emit('close')
  whenLost(answer(true), () => lost++)
  t.equal(lost, 2)
})
