import t from 'tap'
import { startWorld } from './support/registry.ts'

t.test('who asks again what the registry says of itself makes it sign nothing, until an hour is over', async (t) => {
  const world = await startWorld(t)
  const read = async () => (await world.call('GET', '/.well-known/openid-federation')).text
  const first = await read()
  t.equal(await read(), first)
  world.clock.advance(1_000)
  t.equal(await read(), first)
  world.clock.advance(2_600)
  t.not(await read(), first)
})
