import type { Wallet } from '@samen/test-wallet'
import { publicUrl } from '../../network/settings.ts'
import { APPS, CHILD, SCHOOL } from '../cast.ts'
import type { Story } from '../story.ts'
import { until } from '../until.ts'
import { need } from '../wallets.ts'
import { tenant } from './enrol-members.ts'
import { purposeOf } from './register-purposes.ts'

/** Step 5: the arithmetic app asks for one child; nothing is given until both guardians have said yes. */
export async function askConsent(story: Story): Promise<void> {
  const { print, family } = story
  const [app] = APPS
  const { apiKey } = tenant(story, app.slug)
  const requests = `${publicUrl(story.settings, 'verifier')}/v1/apps/${app.slug}/consent-requests`
  const { body: request } = await story.client.call('POST', requests, {
    apiKey,
    json: { purpose: purposeOf(story, app.slug).id, school: tenant(story, SCHOOL.slug).entityId },
    expect: 201,
  })
  family.consent = { handle: request.id, pageUrl: request.page_url }
  const stateIs = async (wanted: string) => {
    const reply = await story.client.call('GET', `${requests}/${request.id}`, { apiKey, expect: 200 })
    if (reply.body.state !== wanted) throw new Error(`the consent is ${reply.body.state}, not ${wanted}`)
  }

  const page = await story.client.call('GET', request.page_url, { expect: 200, accept: 'text/html' })
  if (!/rekenen op eigen niveau/i.test(page.body)) throw new Error('the request page does not name the purpose')
  await decide(story, need(family.first, 'first wallet'), 'yes')
  await stateIs('requested')
  print.check(
    'The first guardian said yes. The state is still "requested": the second guardian with authority is missing.',
  )
  await decide(story, need(family.second, 'second wallet'), 'yes')
  await until('the verifier has the receipt', () =>
    stateIs('given').then(
      () => true,
      () => false,
    ),
  )
  print.check('The second guardian said yes. The state is "given", and the verifier has the receipt.')
  print.sees('A guardian sees', `who asks what, why, for how long, and how to take it back, at ${request.page_url}`)
  print.sees('The app sees', 'requested, then given. Never who said what, or how many guardians there are.')
  print.stored(
    'The registry',
    'two sealed decisions that the wallets signed, a random handle, a bit in the list of live consents. No name, no id of the child.',
  )
  print.stored(
    'The verifier',
    'the receipt: a handle, an end date, and a salted hash that only this child’s pseudonym fits.',
  )
}

/** One guardian says one word on the request page, and signs that very decision with the wallet. */
export async function decide(
  story: Story,
  wallet: Wallet,
  decision: 'yes' | 'no' | 'withdraw',
): Promise<Record<string, unknown>> {
  const { pageUrl } = need(story.family.consent, 'consent request')
  const begun = await story.client.call('POST', `${pageUrl}/decisions`, { form: { decision }, expect: [200, 201] })
  const answered = await wallet.respond(begun.body.authorization_request, { choose: (held) => held.label === CHILD })
  if (answered.status !== 200) throw new Error(`the registry refused the decision ${decision} (${answered.status})`)
  return begun.body
}
