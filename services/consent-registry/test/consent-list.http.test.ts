import { gunzipSync } from 'node:zlib'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { createRegistryApp } from '../src/app.ts'
import { signLists } from '../src/consent-list/sign-lists.ts'
import { startWorld } from './support/registry.ts'

t.test('how a list of live consents is asked for', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const app = createRegistryApp(deps)
  t.teardown(() => app.close())
  const { id } = await deps.db.one<{ id: string }>(sql`select id from consent_list`)
  const ask = async (headers: Record<string, string> = {}, { url = `/consent-lists/${id}`, method = 'GET' } = {}) => {
    // The lease runs in real seconds, which a slow machine may have used up.
    await signLists(deps)
    return app.inject({ method: method as 'GET', url, headers })
  }

  t.test('who wants another form than the one there is gets none', async (t) => {
    for (const accept of ['application/statuslist+jwt', 'application/*', '*/*']) {
      const { statusCode, headers } = await ask({ accept })
      t.match({ statusCode, type: headers['content-type'] }, { statusCode: 200, type: 'application/statuslist+jwt' })
    }
    for (const accept of ['application/statuslist+cwt', 'text/html', 'application/json']) {
      t.equal((await ask({ accept })).statusCode, 406, accept)
    }
  })

  t.test('who asks how it was at another time is not given the list of now', async (t) => {
    t.equal((await ask({}, { url: `/consent-lists/${id}?time=1686925000` })).statusCode, 501)
  })

  t.test('every other method is refused as one', async (t) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const reply = await ask({}, { method })
      t.match({ status: reply.statusCode, allow: reply.headers['allow'] }, { status: 405, allow: 'GET, HEAD' }, method)
    }
    t.equal((await ask({}, { method: 'HEAD' })).statusCode, 200)
  })

  t.test('who can unpack it gets it packed, and caches keep the two apart', async (t) => {
    const plain = await ask({ 'accept-encoding': 'identity' })
    t.notOk(plain.headers['content-encoding'])
    const packed = await ask({ 'accept-encoding': 'gzip' })
    t.equal(packed.headers['content-encoding'], 'gzip')
    t.match(gunzipSync(packed.rawPayload).toString(), /^[\w-]+\.[\w-]+\.[\w-]+$/)
    for (const { headers } of [plain, packed]) {
      t.equal(headers['vary'], 'Accept, Accept-Encoding')
      t.match(headers['cache-control'], /max-age=1\b/)
    }
  })
})
