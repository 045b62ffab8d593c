import t from 'tap'
import { sendMessage } from '../src/outgoing/send-message.ts'
import { MESSAGE_RETRIES } from '../src/queues.ts'
import { dumpRows } from './support/database.ts'
import { type RegisteredPurpose, registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call, deps, registry } = network
const app = await network.addApp('rekenrijk')

type Shown = { id: string; state: string; purpose: string; version: number }
const messageOf = async (purpose: RegisteredPurpose): Promise<Shown | undefined> => {
  const { body } = await call('GET', `/v1/apps/${app.slug}/messages`, { key: app.apiKey })
  return body.messages.find((message: Shown) => message.purpose === purpose.id)
}
const send = (id = '', retries = 0) => sendMessage(deps, { id: 'job', data: { tenant: app.slug, id }, retries })
const answerWith = (status: number, body: string) => {
  registry.answer = { status, body }
}

t.test('a message that a wrong clock has spoilt is not lost: it is sent again', async (t) => {
  const purpose = await registerPurpose(network, app)
  const message = await messageOf(purpose)
  t.match(message, { state: 'waiting', purpose: purpose.id, version: 1 })
  for (const body of ['{"error":"authentication_failed"}', '<html>400</html>', '']) {
    answerWith(400, body)
    await t.rejects(send(message?.id), { message: /did not take/ })
  }
  answerWith(409, '"error":"already_received"')
  await t.rejects(send(message?.id), { message: /did not take/ })
  registry.answer = undefined
  await send(message?.id)
  t.equal(await messageOf(purpose), undefined, 'taken')
})

t.test('a message that is refused for what it says is shown as refused', async (t) => {
  const purpose = await registerPurpose(network, app)
  answerWith(400, '{"error":"invalid_request"}')
  await send((await messageOf(purpose))?.id)
  t.match(await messageOf(purpose), { state: 'rejected' })
})

t.test('a message that nobody takes for two weeks is given up, and the app can see that', async (t) => {
  const purpose = await registerPurpose(network, app)
  const message = await messageOf(purpose)
  answerWith(503, '{}')
  await t.rejects(send(message?.id, MESSAGE_RETRIES - 1))
  await send(message?.id, MESSAGE_RETRIES)
  t.match(await messageOf(purpose), { state: 'given_up' })
  t.match(await dumpRows(network.superuserUrl), /message\.purpose,[^\n]*given_up/)
})
