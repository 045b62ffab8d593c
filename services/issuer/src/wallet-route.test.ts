import { EventEmitter } from 'node:events'
import t from 'tap'
import { onceAnswered } from './wallet-route.ts'

function follow(destroyed = false) {
  const calls: string[] = []
  const answer = Object.assign(new EventEmitter(), { destroyed })
  onceAnswered(answer, { sent: () => calls.push('sent'), lost: () => calls.push('lost') })
  return { answer, calls }
}

t.test('an answer that went out whole is sent, and not lost when the connection closes afterwards', async (t) => {
  const { answer, calls } = follow()
  answer.emit('finish')
  t.same(calls, ['sent'])
  answer.emit('close')
  t.same(calls, ['sent'])
})

t.test('an answer is lost when the connection closes first, and when it was closed already', async (t) => {
  const { answer, calls } = follow()
  answer.emit('close')
  t.same(calls, ['lost'])
  t.same(follow(true).calls, ['lost'])
})
