import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { startHttp, until } from '@samen/test-kit'
import t from 'tap'
import { createIssuerApp } from '../src/app.ts'
import type { Deps } from '../src/deps.ts'
import { addAnotherSchool, call, deliveryFor, openSchoolNode, type TestSchool } from './support/roster-node.ts'

const node = await openSchoolNode(t)

/** A point at which whoever comes waits until it is opened. */
function gate() {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const state = { waiting: 0, open: () => open(), pass }
  function pass(): Promise<void> {
    state.waiting++
    return opened
  }
  return state
}

/** A served node of these deps, and hands that send a delivery over a real connection. */
async function serve(deps: Deps) {
  const app = createIssuerApp(deps)
  const { hostname: host, port } = new URL(await startHttp(t, app))
  const send = async ({ slug, apiKey }: TestSchool, zip: Buffer, sent = zip.length): Promise<Socket> => {
    const socket = connect({ host, port: Number(port) }).on('error', () => undefined)
    const head = [
      `POST /v1/schools/${slug}/imports HTTP/1.1`,
      `host: ${host}`,
      `authorization: Bearer ${apiKey}`,
      'content-type: application/zip',
      `content-length: ${zip.length}`,
    ]
    const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), zip.subarray(0, sent)])
    await new Promise((done) => socket.write(bytes, done))
    return socket
  }
  const hangUp = async (socket: Socket) => {
    socket.destroy()
    const connections = () => new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)))
    await until('the connection is gone', async () => (await connections()) === 0)
  }
  return { served: { ...node, deps, app }, send, hangUp }
}

t.test('a sender that hangs up while its key is looked up keeps no other delivery waiting', async (t) => {
  const school = await addAnotherSchool(node)
  const zip = await deliveryFor(school)
  const lookUp = gate()
  const { schools } = node.deps
  const find = async (slug: string) => {
    await lookUp.pass()
    return schools.find(slug)
  }
  const { served, send, hangUp } = await serve({ ...node.deps, schools: { ...schools, find } })
  const socket = await send(school, zip, 0)
  await until('the key is looked up', () => lookUp.waiting > 0)
  await hangUp(socket)
  lookUp.open()
  await pause(50)
  t.equal((await call(served, school, 'POST', 'imports', zip)).statusCode, 201)
})

t.test('a sender that hangs up while its delivery is read gets no second one read beside it', async (t) => {
  const school = await addAnotherSchool(node)
  const zip = await deliveryFor(school)
  const store = gate()
  const { db } = node.deps
  const forTenant = (tenant: string) => {
    const own = db.forTenant(tenant)
    return {
      ...own,
      transaction: async (effect: never) => {
        await store.pass()
        return own.transaction(effect)
      },
    } as typeof own
  }
  const { served, send, hangUp } = await serve({ ...node.deps, db: { ...db, forTenant } })
  const socket = await send(school, zip)
  await until('the delivery is read', () => store.waiting > 0)
  await hangUp(socket)
  const beside = call(served, school, 'POST', 'imports', zip)
  await Promise.race([beside, until('a second one is read', () => store.waiting > 1)])
  t.equal(store.waiting, 1, 'the first one is still being worked on')
  store.open()
  t.equal((await beside).statusCode, 503)
  t.equal((await beside).headers['retry-after'], '5')
  let status = 503
  await until('that is done', async () => {
    status = (await call(served, school, 'POST', 'imports', zip)).statusCode
    return status !== 503
  })
  t.equal(status, 201, 'and then the next one is read')
})
