import { type Sql, type Statements, sql } from '@samen/pg-kit'
import { hashSecret } from '@samen/sealing'
import t from 'tap'
import { pseudonymTag } from '../src/app-tenant/app-keys.ts'
import { claimRequest } from '../src/response/response.sql.ts'
import { askPresentation, presentTo } from './support/presentations.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { findTenant, startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const network = await startNetwork(t)
const { deps, registry, clock, school } = network
const app = await network.addApp('rekenrijk')
const tenant = await findTenant(deps, app.slug)
const purpose = await registerPurpose(network, app)
const presented = (pupil: string) => presentTo(network, app, purpose, pupil)
for (let number = 0; number < 8; number += 1) await giveConsent(network, app, purpose, `classmate-${number}`)

/** How many receipts are hashed to find out whether they are of this child, told by PostgreSQL itself; nothing is spent. */
async function hashedFor(pupil: string): Promise<number> {
  const { body } = await askPresentation(network, app, { purpose: purpose.id })
  const request = await createWallet(network, pupil, [app]).fetchRequest(body.authorization_request)
  const pseudonym = school.pseudonym(app.entityId, pupil)
  let asked: Sql | undefined
  const many = async (statement: Sql) => {
    asked = statement
    return []
  }
  const listening = { many } as unknown as Statements
  await claimRequest(listening, {
    tenant: app.slug,
    requestHash: hashSecret(request.response_uri.split('/').at(-1)),
    stateHash: hashSecret(request.state),
    pseudonym,
    tag: pseudonymTag(tenant.keys, pseudonym),
    now: clock.now(),
  })
  if (asked === undefined) throw new Error('nothing was asked')
  const explained = { ...asked, name: '', text: `explain (analyze, format json) ${asked.text}` }
  let plan = ''
  const kept = deps.db.forTenant(app.slug).transaction(async (tx) => {
    plan = JSON.stringify(await tx.many(explained))
    throw new Error('nothing was meant')
  })
  await kept.catch(() => {})
  return looksAt(JSON.parse(plan))
}

/** Rows that the scan with the hash has looked at. */
function looksAt(plan: unknown): number {
  if (typeof plan !== 'object' || plan === null) return 0
  const node = plan as Record<string, unknown>
  const own = String(node['Filter']).includes('sha256')
    ? Number(node['Actual Loops']) * (Number(node['Actual Rows']) + Number(node['Rows Removed by Filter'] ?? 0))
    : 0
  return own + Object.values(node).reduce((sum: number, part) => sum + looksAt(part), 0)
}

t.test('a child that an app knows is found by its tag, and no receipt of another child is tried', async (t) => {
  await giveConsent(network, app, purpose, 'sterre')
  t.equal(await hashedFor('sterre'), 9, 'the first time each that was never used')
  t.equal(await presented('sterre'), 'verified')
  t.equal(await hashedFor('sterre'), 0)
  t.ok((await hashedFor('bram')) >= 8, 'and the next child is looked for among the others')
})

t.test(
  'a new consent of a known child counts, although the notice about the old one is still on its way',
  async (t) => {
    await giveConsent(network, app, purpose, 'noor', { idx: 20 })
    t.equal(await presented('noor'), 'verified')
    registry.withdraw(20)
    await deps.consentLists.refresh()
    t.equal(await presented('noor'), 'consent_required')
    await giveConsent(network, app, purpose, 'noor', { idx: 21 })
    t.equal(await presented('noor'), 'verified')
    t.equal(await presented('noor'), 'verified', 'and from then on by its tag')
    const { used } = await deps.db
      .forTenant(app.slug)
      .one<{ used: number }>(sql`select count(*)::integer as used from consent_receipt where pseudonym_tag is not null`)
    t.equal(used, 3)
  },
)

t.test('a consent that the app named is not replaced by another one of the same child', async (t) => {
  const old = await giveConsent(network, app, purpose, 'mees', { idx: 30 })
  t.equal(await presented('mees'), 'verified')
  registry.withdraw(30)
  await deps.consentLists.refresh()
  await giveConsent(network, app, purpose, 'mees', { idx: 31 })
  const { body } = await askPresentation(network, app, { purpose: purpose.id, consent: old })
  await createWallet(network, 'mees', [app]).present(body.authorization_request)
  const path = `/v1/apps/${app.slug}/presentations/${body.id}`
  t.same((await network.call('GET', path, { key: app.apiKey })).body, { state: 'consent_required' })
})
