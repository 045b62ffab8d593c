import { ProtocolError } from '@samen/errors'
import t from 'tap'
import { acceptsGzip, assertMediaType, preferredType, wantsPage } from './media-types.ts'

t.test('a browser gets a page, a program gets JSON', async (t) => {
  t.ok(wantsPage({ accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }))
  for (const accept of [
    undefined,
    '',
    '*/*',
    'application/json',
    'text/html;q=0, */*',
    'text/html;q=0.1, application/json',
  ])
    t.notOk(wantsPage({ accept }), String(accept))
})

t.test('a type with quality zero is refused, not accepted', async (t) => {
  const offered = ['application/statuslist+jwt'] as const
  t.equal(preferredType({ accept: 'application/statuslist+jwt;q=0' }, offered), undefined)
  t.equal(preferredType({ accept: 'application/statuslist+cwt' }, offered), undefined)
  t.equal(preferredType({ accept: 'application/*' }, offered), offered[0])
  t.equal(preferredType({}, offered), offered[0])
})

t.test('gzip is for who asks for it', async (t) => {
  for (const accepted of ['gzip', 'gzip, deflate, br', '*', 'br;q=1, gzip;q=0.8'])
    t.ok(acceptsGzip({ 'accept-encoding': accepted }), accepted)
  for (const refused of [undefined, '', 'identity', 'gzip;q=0', 'br', 'identity, gzip;q=0.5', '*;q=0'])
    t.notOk(acceptsGzip({ 'accept-encoding': refused }), String(refused))
})

t.test('a body of another type than the endpoint reads is not read', async (t) => {
  t.doesNotThrow(() => assertMediaType({ 'content-type': 'Application/JWT; charset=utf-8' }, 'application/jwt'))
  for (const type of [undefined, 'application/json', 'application/jwtx'])
    t.throws(() => assertMediaType({ 'content-type': type }, 'application/jwt'), ProtocolError)
})
