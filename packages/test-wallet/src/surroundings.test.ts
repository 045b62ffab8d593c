import t from 'tap'
import { mintCertificate } from '../test/mint-certificate.ts'
import { openSurroundings } from './surroundings.ts'

t.test('a wallet that may not speak plain http does not, also beside one that may on loopback', async (t) => {
  const asked: string[] = []
  const send = async (input: string | URL | Request) => {
    asked.push(String(input))
    return new Response()
  }
  const trustedCaPem = mintCertificate({ name: 'Test' }).pem
  const strict = openSurroundings({ fetch: send, allowInsecureLoopback: false, trustedCaPem })
  const local = openSurroundings({ fetch: send, allowInsecureLoopback: true, trustedCaPem })
  await local.fetch('http://127.0.0.1:1/a')
  await strict.fetch('https://school.example/b')
  for (const refused of [
    strict.fetch('http://127.0.0.1:1/c'),
    local.fetch('http://school.example/d'),
    strict.fetch('file:///e'),
  ]) {
    await t.rejects(refused, { message: 'this wallet speaks https only' })
  }
  t.same(asked, ['http://127.0.0.1:1/a', 'https://school.example/b'])
})
