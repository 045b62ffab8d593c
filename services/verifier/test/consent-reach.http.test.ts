import t from 'tap'
import { pullMembership } from '../src/membership/pull-membership.ts'
import { askPresentation, beginWithConsent, presentTo, readPresentation } from './support/presentations.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { findTenant, startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const network = await startNetwork(t)
const { clock, deps } = network
const { app, other, purpose, consent, wallet, stateOf } = await beginWithConsent(network, 'sterre')

const ask = async (json: Record<string, unknown> = {}, by = app) =>
  (await askPresentation(network, by, { purpose: purpose.id, ...json })).body
const presented = (pupil: string) => presentTo(network, app, purpose, pupil)

t.test('the sibling in the same wallet has no consent; nor has an app that never asked', async (t) => {
  const sibling = createWallet(network, 'broertje', [app, other])
  await giveConsent(network, app, purpose, 'a third child, not presented yet')
  const asked = await ask()
  t.equal((await sibling.present(asked.authorization_request)).status, 200)
  t.same(await stateOf(asked.id), { state: 'consent_required' })
  const theirs = await registerPurpose(network, other)
  const foreign = await ask({ purpose: theirs.id }, other)
  await wallet.present(foreign.authorization_request)
  t.same((await readPresentation(network, other, foreign.id)).body, { state: 'consent_required' })
})

t.test('a consent that is named covers its own child only', async (t) => {
  const sibling = createWallet(network, 'broertje', [app, other])
  const asked = await ask({ consent })
  await sibling.present(asked.authorization_request)
  t.same(await stateOf(asked.id), { state: 'consent_required' })
  await giveConsent(network, app, purpose, 'nichtje')
  const niece = await ask({ consent })
  await createWallet(network, 'nichtje', [app, other]).present(niece.authorization_request)
  t.same(await stateOf(niece.id), { state: 'consent_required' }, 'although she has one of her own')
  const again = await ask({ consent })
  await wallet.present(again.authorization_request)
  t.equal((await stateOf(again.id)).state, 'verified')
})

t.test('a consent given for one school does not cover a credential of another', async (t) => {
  await giveConsent(network, app, purpose, 'derde', { school: 'https://issuer.example/schools/other' })
  t.equal(await presented('derde'), 'consent_required')
})

// The last one: time goes on, and a list from the future would never be replaced by one of today.
t.test('a consent ends with its last day', async (t) => {
  await giveConsent(network, app, purpose, 'vierde', { idx: 4 })
  t.equal(await presented('vierde'), 'verified')
  clock.advance(30 * 86_400)
  await pullMembership(deps, await findTenant(deps, app.slug))
  await Promise.all([deps.consentLists.refresh(), deps.schoolLists.refreshDue()])
  t.equal(await presented('vierde'), 'verified', 'on its last day')
  clock.advance(86_400)
  await pullMembership(deps, await findTenant(deps, app.slug))
  await Promise.all([deps.consentLists.refresh(), deps.schoolLists.refreshDue()])
  t.equal(await presented('vierde'), 'consent_required')
})
