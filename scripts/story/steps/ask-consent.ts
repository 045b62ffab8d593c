import type { Wallet } from '@samen/test-wallet'
import { publicUrl } from '../../network/settings.ts'
import { APPS, CHILD, SCHOOL } from '../cast.ts'
import { purposeOf, tenant } from '../memory.ts'
import type { Story } from '../story.ts'
import { until } from '../until.ts'
import { type ConsentRequest, need } from '../wallets.ts'

/** Step 5: the arithmetic app asks for one child; nothing is given until both guardians have said yes. */
export async function askConsent(story: Story): Promise<void> {
  const { print, family, memory } = story
  await takeBackWhatIsLeft(story)
  family.consent = await requestConsent(story)
  memory.remembered.consent = family.consent
  memory.save()
  const { handle, pageUrl } = family.consent
  const stateIs = async (wanted: string) => (await readState(story, handle)) === wanted

  const page = await story.client.call('GET', pageUrl, { expect: 200, accept: 'text/html' })
  if (!/rekenen op eigen niveau/i.test(page.body)) throw new Error('the request page does not name the purpose')
  await decide(story, need(family.first, 'first wallet'), 'yes', 'on the phone itself')
  if (!(await stateIs('requested'))) throw new Error('one yes was enough')
  print.check('The first guardian said yes. The app still reads "requested": the second guardian is missing.')
  const number = await decide(story, need(family.second, 'second wallet'), 'yes', 'by number')
  await until('the verifier has the receipt', () => stateIs('given'))
  print.check(
    `The second read on a laptop and signed with a phone, which then showed ${number}. Typed on the laptop, the yes counts: whoever only has the link decides nothing. The app reads "given": its verifier has the receipt.`,
  )
  print.sees('A guardian sees', `who asks what, why, for how long, and how to take it back: ${pageUrl}`)
  print.sees('The app sees', 'requested, then given. Never who said what, or how many guardians there are.')
  print.sees('The registry', 'keeps two sealed decisions that the wallets signed. No name, no id of the child.')
}

/** A run that was stopped may have left a yes to the same question: beside it the withdrawal of this run would change nothing. */
async function takeBackWhatIsLeft(story: Story): Promise<void> {
  const { consent: left } = story.memory.remembered
  if (left === undefined || (await readState(story, left.handle)) !== 'given') return
  story.family.consent = left
  await story.print.fold('an earlier run was stopped before its end: the yes that it left is taken back', async () => {
    await decide(story, need(story.family.second, 'second wallet'), 'withdraw', 'on the phone itself')
    await until('the verifier has the notice', async () => (await readState(story, left.handle)) !== 'given')
  })
}

/** What the app reads about a consent that it asked for; undefined when its verifier has forgotten it. */
async function readState(story: Story, handle: string): Promise<string | undefined> {
  const { apiKey } = tenant(story, APPS[0].slug)
  const url = `${consentRequestsUrl(story)}/${handle}`
  const { status, body } = await story.client.call('GET', url, { apiKey, expect: [200, 404] })
  return status === 200 ? body.state : undefined
}

/** The arithmetic app asks consent for one child, of whom it does not know who it is. */
export async function requestConsent(story: Story): Promise<ConsentRequest> {
  const [app] = APPS
  const { body } = await story.client.call('POST', consentRequestsUrl(story), {
    apiKey: tenant(story, app.slug).apiKey,
    json: { purpose: purposeOf(story, app.slug).id, school: tenant(story, SCHOOL.slug).entityId },
    expect: 201,
  })
  return { handle: body.id, pageUrl: body.page_url }
}

function consentRequestsUrl({ settings }: Story): string {
  return `${publicUrl(settings, 'verifier')}/v1/apps/${APPS[0].slug}/consent-requests`
}

/**
 * One guardian says one word on the request page, signs that very decision with the wallet, and comes back: in the same browser, or by
 * the number that the wallet's own device shows. `child` is the label of what is shown. Returns that number, or ''.
 */
export async function decide(
  story: Story,
  wallet: Wallet,
  decision: 'yes' | 'no' | 'withdraw',
  way: 'on the phone itself' | 'by number',
  child: string = CHILD,
): Promise<string> {
  const { pageUrl } = need(story.family.consent, 'consent request')
  const begun = await story.client.call('POST', `${pageUrl}/decisions`, { form: { decision }, expect: 201 })
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
  const answered = await wallet.respond(begun.body.authorization_request, { choose: (held) => held.label === child })
  if (!answered.redirect_uri) throw new Error(`the registry refused the decision ${decision} (${answered.status})`)
  if (way === 'on the phone itself') {
    await story.client.call('GET', answered.redirect_uri, { cookie, expect: 200 })
    return ''
  }
  const { body: shown } = await story.client.call('GET', answered.redirect_uri, { expect: 200 })
  const pairing = `${publicUrl(story.settings, 'consent-registry')}/vp/pairing/decision`
  await story.client.call('POST', pairing, { cookie, form: { number: shown.pairing_number }, expect: 200 })
  return shown.pairing_number
}
