import t from 'tap'
import { assertEntityId, entityConfigurationUrl, isEntityId } from './entity-id.ts'

t.test('an https address in its one spelling names an entity', async (t) => {
  for (const id of ['https://anchor.example', 'https://a.example:8443/schools/de-wilg']) t.ok(isEntityId(id), id)
})

t.test('a second spelling of an address, or an address that carries more, names nobody', async (t) => {
  const refused = [
    '',
    'anchor.example',
    'http://anchor.example',
    'ftp://anchor.example',
    'https://Anchor.example',
    'HTTPS://anchor.example',
    'https://anchor.example:443',
    'https://anchor.example/a/../b',
    'https://anchor.example/é',
    'https://anchor.example/?a=b',
    'https://anchor.example?',
    'https://anchor.example/#a',
    'https://anchor.example#',
    'https://anchor.example/',
    'https://anchor.example/schools/de-wilg/',
    'https://user@anchor.example',
    'https://@anchor.example',
    ' https://anchor.example',
    `https://anchor.example/${'a'.repeat(512)}`,
  ]
  for (const id of refused) {
    t.notOk(isEntityId(id), id)
    t.throws(() => assertEntityId(id), { code: 'invalid_entity_id' })
  }
})

t.test('a development network may live on loopback without https', async (t) => {
  for (const id of ['http://127.0.0.1:4100', 'http://localhost:4100/schools/a', 'http://[::1]:4100'])
    t.ok(isEntityId(id), id)
  t.notOk(isEntityId('http://127.0.0.1.example'))
})

t.test('the configuration of an entity lies behind its own path', async (t) => {
  t.equal(entityConfigurationUrl('https://a.example'), 'https://a.example/.well-known/openid-federation')
  t.equal(
    entityConfigurationUrl('https://a.example/schools/b/'),
    'https://a.example/schools/b/.well-known/openid-federation',
  )
})
