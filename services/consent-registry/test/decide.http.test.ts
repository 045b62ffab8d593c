import t from 'tap'
import { agree, createApp, createSchool, holdGuardianship, openRequest, registerPurpose } from './support/members.ts'
import { startWorld, until } from './support/registry.ts'
import { decide } from './support/wallet.ts'

t.test('two guardians say yes, each with an own wallet: given, and the app gets the receipt', async (t) => {
  const world = await startWorld(t)
  const school = await createSchool(world, 'west')
  const app = await createApp(world, 'rekenen')
  const purpose = await registerPurpose(world, app)
  await agree(world, school, app, purpose)
  const handle = await openRequest(world, school, app, purpose)
  const first = holdGuardianship(world, school, { child: 'kim', guardian: 'mother', apps: [app] })
  const second = holdGuardianship(world, school, { child: 'kim', guardian: 'father', apps: [app] })
  const one = await decide(world, handle, 'yes', first)
  t.match({ status: one.status, ...one.body }, { status: 200, decision: 'yes', state: 'requested' }, one.text)
  const two = await decide(world, handle, 'yes', second)
  t.match({ status: two.status, ...two.body }, { status: 200, decision: 'yes', state: 'given' }, two.text)
  await until('the receipt arrived', () => app.receipts.length === 1)
  t.match(app.receipts[0], { receipt: { handle } })
})
