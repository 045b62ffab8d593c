import t from 'tap'
import { insertConsentRequest } from '../src/consent/consent.sql.ts'
import { registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'

const ROUNDS = 300
const AT_ONCE = 6

const network = await startNetwork(t)
const { deps, school } = network
const app = await network.addApp('rekenrijk')
const { id, version } = await registerPurpose(network, app)

// Two rows that are the same in more than one unique index: PostgreSQL looks at one of them first, and finds the other only sometimes.
t.test(
  'a question that two calls put at the same moment is stored once, and the other call finds it, every time',
  async (t) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [handle, jti] = [deps.random(16).toString('base64url'), deps.random(16).toString('base64url')]
      const at = deps.now()
      const question = { handle, page_url: 'https://registry.example/requests/x', expires_at: at }
      const request = {
        purpose_id: id,
        purpose_version: version,
        school: school.entityId,
        expires_at: at.toISOString(),
      }
      const insert = () =>
        insertConsentRequest(deps.db.forTenant(app.slug), { tenant: app.slug, jti, request, at, ...question })
      const stored = await Promise.all(Array.from({ length: AT_ONCE }, insert))
      if (stored.filter(Boolean).length !== 1) t.fail()
    }
  },
)
