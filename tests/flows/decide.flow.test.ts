import t from 'tap'
import { APPS } from '../../scripts/story/cast.ts'
import { askConsent, decide, requestConsent } from '../../scripts/story/steps/ask-consent.ts'
import { present } from '../../scripts/story/steps/present-facts.ts'
import { need } from '../../scripts/story/wallets.ts'
import { startNetwork } from '../network.ts'

t.test('both guardians have to say yes, one no is enough, and nobody counts twice', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const [first, second] = [need(story.family.first, 'wallet'), need(story.family.second, 'wallet')]

  story.family.consent = await requestConsent(story)
  await decide(story, first, 'yes', 'on the phone itself')
  await t.rejects(
    decide(story, first, 'yes', 'on the phone itself'),
    'the same guardian cannot stand in for the other one',
  )
  t.equal((await present(story, APPS[0].slug)).state, 'consent_required')

  story.family.consent = await requestConsent(story)
  await decide(story, first, 'yes', 'on the phone itself')
  await decide(story, second, 'no', 'on the phone itself')
  await t.rejects(decide(story, second, 'yes', 'on the phone itself'), 'a refused request stays refused')
  t.equal((await present(story, APPS[0].slug)).state, 'consent_required')

  await askConsent(story)
  const given = await present(story, APPS[0].slug)
  t.equal(given.state, 'verified')
  t.same(Object.keys(given.claims ?? {}).sort(), ['age_over_12', 'year_group'])
  t.equal((await present(story, APPS[0].slug)).pseudonym, given.pseudonym, 'the app knows the child again')
})
