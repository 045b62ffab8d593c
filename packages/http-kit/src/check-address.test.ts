import t from 'tap'
import { isLoopbackAddress, isPublicAddress } from './check-address.ts'

t.test('an ordinary address on the internet may be asked', async (t) => {
  for (const address of ['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])
    t.ok(isPublicAddress(address), address)
})

t.test('no address inside a network, of a machine itself, of a cloud, or in disguise may be asked', async (t) => {
  const inside = [
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    '169.254.169.254',
  ]
  const itself = ['127.0.0.1', '127.1.2.3', '0.0.0.0', '::1', '::']
  const many = [
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '240.0.0.1',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '2001:db8::1',
    '4000::1',
  ]
  const disguised = [
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '::ffff:0:127.0.0.1',
  ]
  for (const address of [...inside, ...itself, ...many, ...disguised]) t.notOk(isPublicAddress(address), address)
  for (const nonsense of ['', 'localhost', '1', '10.1', '0x7f.1']) t.notOk(isPublicAddress(nonsense), nonsense)
})

t.test('only this machine is this machine', async (t) => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1']) t.ok(isLoopbackAddress(address), address)
  for (const address of ['10.0.0.1', '0.0.0.0', '::ffff:127.0.0.1', 'localhost'])
    t.notOk(isLoopbackAddress(address), address)
})
