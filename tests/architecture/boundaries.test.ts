import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { checkBoundaries } from './check-boundaries.ts'
import { findCycles } from './find-cycles.ts'
import { readSources, root } from './sources.ts'

t.test('the cuts between services, routes, SQL and protocol packages hold', async (t) => {
  const sources = readSources()
  t.ok(sources.length > 300, 'the sources were really read')
  t.same(checkBoundaries(sources), [])
})

t.test('no files import each other in a circle', async (t) => {
  t.same(findCycles(readSources()), [])
  const circle = [
    { path: 'a/one.ts', text: "import { two } from './two.ts'" },
    { path: 'a/two.ts', text: "import { one } from '../a/one.ts'" },
  ]
  t.same(findCycles(circle), ['a/one.ts → a/two.ts → a/one.ts'])
  t.same(findCycles([circle[0], { path: 'a/two.ts', text: "import type { One } from './one.ts'" }] as never), [])
})

t.test('ARCHITECTURE.md tells of each package what it may import, and the packages keep to it', async (t) => {
  const text = readFileSync(`${root}/ARCHITECTURE.md`, 'utf8')
  const told = new Map(
    [...text.matchAll(/^\| `([a-z0-9-]+)` \| [^|]+ \| ([^|]+) \|$/gm)].map(([, name, may]) => [name, may]),
  )
  for (const file of globSync('packages/*/package.json', { cwd: root })) {
    const { name, dependencies = {} } = JSON.parse(readFileSync(`${root}/${file}`, 'utf8'))
    const own = Object.keys(dependencies).flatMap((each) => (each.startsWith('@samen/') ? each.slice(7) : []))
    t.equal(told.get(name.slice(7)) ?? 'not told', own.length === 0 ? '–' : own.sort().join(', '), name)
  }
})

const PROTOCOL = 'protocol packages know no server'
const AIR = 'services take time'
const HIDDEN = 'what a file imports can be read in it'
const BAD = [
  ['services/issuer/src/a/a.ts', "import { x } from '@samen/verifier'", 'services meet only over HTTP'],
  ['services/issuer/src/a/a.ts', "import { x } from '../../../verifier/src/app.ts'", 'services meet only over HTTP'],
  ['services/issuer/src/a/a.route.ts', "import { readA } from './a.sql.ts'", 'a route never touches SQL'],
  ['services/issuer/src/a/a.route.ts', 'db.one(sql`select 1`)', 'a route never touches SQL'],
  ['services/issuer/src/a/a.route.ts', "pool.query('select 1')", 'a route never touches SQL'],
  ['services/issuer/src/a/a.route.ts', 'await deps.db.one(statement)', 'a route never touches SQL'],
  ['services/issuer/src/a/a.route.ts', 'deps.db.transaction(work)', 'a route never touches SQL'],
  ['services/issuer/src/a/a.route.ts', "import { b } from '../b/b.route.ts'", 'a route opens no other route'],
  ['services/issuer/src/a/do-a.ts', 'db.one(sql`select 1`)', 'SQL text stands only in'],
  ['services/issuer/src/a/do-a.ts', "pool.query('select 1')", 'SQL text stands only in'],
  ['services/issuer/src/a/do-a.ts', "import { json, sql as q } from '@samen/pg-kit'", 'SQL text stands only in'],
  ['services/issuer/src/a/do-a.ts', "import * as kit from '@samen/pg-kit'", 'SQL text stands only in'],
  ['services/issuer/src/a/do-a.ts', "import { readB } from '../b/b.sql.ts'", 'a statement is run by its own folder'],
  ['services/issuer/src/a/a.sql.ts', 'if (row) return row', 'decides nothing'],
  ['services/issuer/src/a/a.sql.ts', 'throw new Error()', 'decides nothing'],
  ['services/issuer/src/a/do-a.ts', "import type { FastifyReply } from 'fastify'", 'a use case does not know HTTP'],
  ['services/issuer/src/a/a.route.ts', "import type { FastifyReply } from 'fastify'", 'only packages/http-kit/'],
  ['services/issuer/src/a/do-a.ts', "import pino from 'pino'", 'only packages/http-kit/'],
  ['services/issuer/src/a/do-a.ts', "import pg from 'pg'", 'only packages/pg-kit/ and'],
  ['services/issuer/src/a/do-a.ts', 'const now = new Date()', AIR],
  ['services/issuer/src/a/do-a.ts', 'const now = new Date', AIR],
  ['services/issuer/src/a/do-a.ts', 'const id = randomBytes(16)', AIR],
  ['services/issuer/src/a/do-a.ts', 'const id = randomInt(6)', AIR],
  ['services/issuer/src/a/do-a.ts', "import { connect } from 'tls'", AIR],
  ['services/issuer/src/a/do-a.ts', 'const kit = await import(name)', HIDDEN],
  ['services/issuer/src/a/do-a.ts', "process.getBuiltinModule('node:net')", HIDDEN],
  ['packages/oauth/src/dpop.ts', 'const load = createRequire(import.meta.url)', HIDDEN],
  ['packages/oauth/src/dpop.ts', 'setTimeout(again, 100)', PROTOCOL],
  [
    'services/issuer/src/a/do-a.ts',
    "import { createWallet } from '@samen/test-wallet'",
    'the test kit and the test wallet',
  ],
  ['packages/oauth/src/dpop.ts', "import Fastify from 'fastify'", 'only packages/http-kit/'],
  ['packages/oauth/src/dpop.ts', "import pg from 'pg'", 'only packages/pg-kit/ and'],
  ['packages/oauth/src/dpop.ts', "import https from 'node:https'", PROTOCOL],
  ['packages/oauth/src/dpop.ts', "import { readFileSync } from 'node:fs'", PROTOCOL],
  ['packages/oauth/src/dpop.ts', "import { env } from 'node:process'", PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'await fetch(url)', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'const get = fetch', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'globalThis.fetch(url)', PROTOCOL],
  ['packages/oauth/src/dpop.ts', "import 'http'", PROTOCOL],
  ['packages/oauth/src/dpop.ts', "import { createSocket } from 'node:dgram'", PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'new WebSocket(url)', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'Date.now()', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'const Clock = Date', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'Reflect.construct(Date, [])', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'const { now } = performance', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'const { random } = Math', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'const { env } = process', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'performance.now()', PROTOCOL],
  ['packages/oauth/src/dpop.ts', 'process.env.X', PROTOCOL],
  ['packages/oauth/src/dpop.ts', "process['env'].X", PROTOCOL],
  ['packages/oauth/src/dpop.ts', "import { app } from '@samen/issuer'", 'packages never import services'],
  ['packages/oauth/src/dpop.ts', "import { forge } from '../test/forge.ts'", 'nothing imports tests'],
  ['packages/oauth/src/dpop.ts', "import { x } from '@samen/errors/src/errors.ts'", 'entered by its front door'],
  ['services/issuer/src/jobs.ts', "import PgBoss from 'pg-boss'", 'only packages/pg-kit/ import pg-boss'],
  ['services/verifier/src/x/x.ts', "import { RP } from '@sphereon/did-auth-siop'", 'only packages/openid4vp'],
  ['packages/openid4vci/src/x.ts', "const a = await import('@sphereon/oid4vci-issuer')", 'only packages/openid4vci'],
] as const

for (const [path, text, rule] of BAD) {
  t.test(`a file that crosses the line is found: ${path} with ${text}`, async (t) => {
    t.match(checkBoundaries([{ path, text }]).join('\n'), rule)
  })
}

t.test('what only looks like a violation is none', async (t) => {
  const fine = [
    ['packages/oauth/src/dpop.ts', '// never process.env, never fetch(url)'],
    ['packages/oauth/src/dpop.ts', 'const at = new Date(now.getTime()); deps.fetch(url); fetchText(url)'],
    [
      'packages/oauth/src/dpop.ts',
      'type Proof = { iat: Date, jti: string }; verify(url, now as Date); a instanceof Date',
    ],
    ['services/issuer/src/a/a.sql.ts', 'sql`select 1 from a for update (skip)`'],
    ['services/issuer/src/a/do-a.ts', "import type { RowB } from '../b/b.sql.ts'; import { readA } from './a.sql.ts'"],
    ['services/issuer/src/a/do-a.ts', "import { json, type Tx } from '@samen/pg-kit'"],
  ] as const
  for (const [path, text] of fine) t.same(checkBoundaries([{ path, text }]), [], text)
})
