import { createCertificateAuthority, issueLeafCertificate } from '@samen/certificates'
import { generateSigningKey } from '@samen/jwt-profile'
import type { Wallet } from '@samen/test-wallet'
import t from 'tap'
import { APPS } from '../../scripts/story/cast.ts'
import { requestConsent } from '../../scripts/story/steps/ask-consent.ts'
import { typeNumber } from '../../scripts/story/steps/present-facts.ts'
import type { Story } from '../../scripts/story/story.ts'
import { until } from '../../scripts/story/until.ts'
import { startNetwork } from '../network.ts'
import { startHostileServer } from './hostile-member.ts'
import { type Forgery, startSchool, walletWith } from './hostile-school.ts'
import { askFor, readResult } from './tampered-answer.ts'
import { startTrap } from './trap.ts'

t.test('no credential makes a verifier or a registry connect to a place that it names', async (t) => {
  const story = await startNetwork(t, 'purposes')
  const [trap, server] = [await startTrap(t), await startHostileServer(t)]
  const school = await startSchool({ story, server, trap })

  const listReadings = () => server.visits.filter((visit) => visit === 'GET /school/list').length

  // First the honest ones, until the school that has just joined is known: else all below would be refused for that alone.
  const honest = () => walletWith(story, school, 'none')
  const isGood = async () => (await showVerifier(story, honest())) === 'consent_required'
  await until('a verifier takes a credential that points to its own school', isGood)
  t.equal(listReadings(), 1, 'the verifier asks the school for its list')
  const isOfAnotherSchool = async () => (await showRegistry(story, honest())) === 403
  await until('a registry takes it, though not for a child of another school', isOfAnotherSchool)
  t.equal(listReadings(), 2, 'the registry asks the school for its list')

  for (const [what, forgery] of Object.entries(await forgeriesTo(trap.url, school.protocolKey))) {
    t.equal(await showVerifier(story, walletWith(story, school, forgery)), 'refused', `a verifier is shown ${what}`)
    t.equal(trap.caught(), 0, 'nobody came into the trap')
    t.equal(await showRegistry(story, walletWith(story, school, forgery)), 400, `a registry is shown ${what}`)
    t.equal(trap.caught(), 0, 'nobody came into the trap')
    // Who takes a yes back may be asked for less; still nobody is asked elsewhere.
    await showRegistry(story, walletWith(story, school, forgery), 'withdraw')
    t.equal(trap.caught(), 0, 'nobody came into the trap for a withdrawal')
  }
})

/** Every place in a credential at which a URL can stand, as a stranger and as a certified school would fill it in. */
async function forgeriesTo(trap: string, schoolKey: Forgery['key']): Promise<Record<string, Forgery>> {
  const stranger = generateSigningKey()
  const authority = await createCertificateAuthority({ name: 'Elsewhere', now: new Date(), years: 1 })
  const subject = { subjectName: 'School', entityId: trap, publicJwk: stranger.publicJwk }
  const leaf = await issueLeafCertificate(authority, { ...subject, now: new Date(), days: 90 })
  const status = { status_list: { uri: `${trap}/list`, idx: 1 } }
  const x5c = schoolKey.x5c
  return {
    'the name of a stranger without a certificate': { key: stranger, claims: { iss: trap } },
    'the name of a stranger with a certificate of its own making': {
      key: stranger,
      header: { x5c: [leaf] },
      claims: { iss: trap, status },
    },
    'keys that lie elsewhere': { key: schoolKey, header: { x5c, jku: trap } },
    'a certificate that lies elsewhere': { key: schoolKey, header: { x5u: trap } },
    'the name of another issuer': { key: schoolKey, header: { x5c }, claims: { iss: trap } },
    'a status list that lies elsewhere': { key: schoolKey, header: { x5c }, claims: { status } },
    'a type that is described elsewhere': { key: schoolKey, header: { x5c }, claims: { vct: `${trap}/type` } },
    'a holder whose key lies elsewhere': { key: schoolKey, header: { x5c }, claims: { cnf: { jku: trap } } },
  }
}

/** What the app reads afterwards. */
async function showVerifier(story: Story, wallet: Wallet): Promise<string> {
  const asked = await askFor(story, APPS[0].slug)
  const { redirect_uri } = await wallet.respond(asked.authorization_request)
  if (redirect_uri) await typeNumber(story, APPS[0].slug, asked.id, redirect_uri)
  return (await readResult(story, APPS[0].slug, asked.id)).state
}

/** What the registry answers to a wallet that would decide. */
async function showRegistry(story: Story, wallet: Wallet, decision: 'yes' | 'withdraw' = 'yes'): Promise<number> {
  const { pageUrl } = await requestConsent(story)
  const form = { decision }
  const { body } = await story.client.call('POST', `${pageUrl}/decisions`, { form, expect: 201 })
  return (await wallet.respond(body.authorization_request)).status
}
