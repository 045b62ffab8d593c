import t from 'tap'
import { checkBoundaries } from './check-boundaries.ts'
import { readSources } from './sources.ts'

t.test('the cuts between services, routes, SQL and protocol packages hold', async (t) => {
  const sources = readSources()
  t.ok(sources.length > 100, 'the sources were really read')
  t.same(checkBoundaries(sources), [])
})

const BAD = [
  ['services/issuer/src/a/a.ts', "import { x } from '@samen/verifier'", 'services meet only over HTTP'],
  ['services/issuer/src/a/a.ts', "import { x } from '../../../verifier/src/app.ts'", 'services meet only over HTTP'],
  ['services/issuer/src/a/a.route.ts', "import { readA } from './a.sql.ts'", 'a route never touches SQL'],
  ['services/issuer/src/a/a.route.ts', 'db.one(sql`select 1`)', 'a route never touches SQL'],
  ['services/issuer/src/a/do-a.ts', 'db.one(sql`select 1`)', 'SQL text stands only in'],
  ['services/issuer/src/a/do-a.ts', "import type { FastifyReply } from 'fastify'", 'a use case does not know HTTP'],
  ['services/issuer/src/a/do-a.ts', 'const now = new Date()', 'services take time'],
  [
    'services/issuer/src/a/do-a.ts',
    "import { createWallet } from '@samen/test-wallet'",
    'the test kit and the test wallet',
  ],
  ['packages/oauth/src/dpop.ts', "import Fastify from 'fastify'", 'protocol packages know no server'],
  ['packages/oauth/src/dpop.ts', "import pg from 'pg'", 'protocol packages know no server'],
  ['packages/oauth/src/dpop.ts', 'await fetch(url)', 'protocol packages know no server'],
  ['packages/oauth/src/dpop.ts', 'Date.now()', 'protocol packages know no server'],
  ['packages/oauth/src/dpop.ts', 'process.env.X', 'protocol packages know no server'],
  ['packages/oauth/src/dpop.ts', "import { app } from '@samen/issuer'", 'packages never import services'],
  ['packages/oauth/src/dpop.ts', "import { x } from '@samen/errors/src/errors.ts'", 'entered by its front door'],
  ['services/issuer/src/jobs.ts', "import PgBoss from 'pg-boss'", 'only packages/pg-kit/ imports pg-boss'],
  ['services/verifier/src/x/x.ts', "import { RP } from '@sphereon/did-auth-siop'", 'only packages/openid4vp'],
  ['packages/openid4vci/src/x.ts', "const a = await import('@sphereon/oid4vci-issuer')", 'only packages/openid4vci'],
] as const

for (const [path, text, rule] of BAD) {
  t.test(`a file that crosses the line is found: ${path} with ${text}`, async (t) => {
    t.match(checkBoundaries([{ path, text }]).join('\n'), rule)
  })
}

t.test('a comment that only speaks of a forbidden thing is no violation', async (t) => {
  t.same(checkBoundaries([{ path: 'packages/oauth/src/dpop.ts', text: '// never process.env, never fetch(url)' }]), [])
})
