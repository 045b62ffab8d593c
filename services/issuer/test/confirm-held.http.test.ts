import t from 'tap'
import { importRoster } from '../src/roster/import-roster.ts'
import { filledSchool } from './support/filled-school.ts'
import { deliveryFor, openSchoolNode, postRoster, rosterText, schoolOf } from './support/roster-node.ts'

const node = await openSchoolNode(t)

t.test('a held delivery is not confirmed once another was applied that began to be read before it', async (t) => {
  const added = await filledSchool(node)
  const school = await schoolOf(node, added.slug)
  const began = node.clock.now().getTime()
  const send = async (zip: Buffer, secondsLater: number) => {
    const deps = { ...node.deps, now: () => new Date(began + secondsLater * 1000) }
    const request = { key: undefined, requestHash: Buffer.alloc(32) }
    const reply = await importRoster(deps, { school, keyId: 'a-key' }, { zip, confirms: undefined }, request)
    return reply.body as { id: string; state: string }
  }
  const few = rosterText('demographics.csv').split('\n').slice(0, 10).join('\n')
  const cutOff = await deliveryFor(added, { 'demographics.csv': `${few}\n` })
  const held = await send(cutOff, 10)
  t.equal(held.state, 'held')
  // It came first, and its reader took longer.
  t.equal((await send(await deliveryFor(added), 5)).state, 'applied')
  const reply = await postRoster(node, added, cutOff, `?confirm=${held.id}`)
  t.equal(reply.statusCode, 409)
  t.match(reply.json(), { type: 'urn:samen:problem:nothing-to-confirm' })
})
