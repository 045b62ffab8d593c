import { publicUrl } from '../../network/settings.ts'
import { APPS } from '../cast.ts'
import { purposeOf, tenant } from '../memory.ts'
import type { Story } from '../story.ts'

/** Step 7: one claim more than the purpose is refused by the app's own verifier, before any wallet is bothered. */
export async function overAsk(story: Story): Promise<void> {
  const { print } = story
  const [app] = APPS
  const { apiKey } = tenant(story, app.slug)
  const url = `${publicUrl(story.settings, 'verifier')}/v1/apps/${app.slug}/presentations`
  const claims = ['year_group', 'age_over_12', 'given_name']
  const { body } = await story.client.call('POST', url, {
    apiKey,
    json: { purpose: purposeOf(story, app.slug).id, claims },
    expect: 403,
  })
  if (body.type !== 'urn:samen:problem:over-asking') throw new Error(`refused, but with ${body.type}`)
  print.check(`Asked for ${claims.join(', ')}.`)
  print.sees('The app gets', `${body.status} ${body.type}: ${body.title}`)
  print.sees('The family sees', 'nothing, since no request was made.')
}
