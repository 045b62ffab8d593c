import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

t.test('processes that start together for the first time end up with one key', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'samen-race-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const program = `
    import { openKeyring } from ${JSON.stringify(new URL('./sealing.ts', import.meta.url).href)}
    process.stdout.write(openKeyring(${JSON.stringify(join(directory, 'keyring'))}, { create: true }).mac('same').toString('hex'))
  `
  const outputs = await Promise.all(Array.from({ length: 4 }, () => run(program)))
  t.equal(new Set(outputs).size, 1)
  t.equal(outputs[0]?.length, 64)
  t.same(readdirSync(directory), ['keyring'])
})

async function run(program: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  await once(child, 'close')
  return output
}
