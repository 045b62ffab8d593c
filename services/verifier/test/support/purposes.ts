import { sql } from '@samen/pg-kit'
import { sendReceipt } from './consents.ts'
import type { Network, TestApp } from './verifier.ts'

const both = (text: string) => ({ nl: text, en: text })

/** A purpose as an app registers it. */
export const PURPOSE = {
  title: both('Rekenen op eigen niveau'),
  why: both('Om sommen te kiezen die passen.'),
  claims: [
    { fact: 'year_group', why: both('Om het niveau te kiezen.') },
    { fact: 'age_over_12', why: both('Om de uitleg te kiezen.') },
  ],
  legal_basis: 'consent',
  retention: 'P1Y',
  valid_until: '2036-07-31',
}

export interface RegisteredPurpose {
  readonly id: string
  readonly version: number
  readonly purpose_uri: string
}

export async function registerPurpose(
  network: Pick<Network, 'call'>,
  app: TestApp,
  more: Record<string, unknown> = {},
): Promise<RegisteredPurpose> {
  const json = { ...PURPOSE, ...more }
  const { body } = await network.call('POST', `/v1/apps/${app.slug}/purposes`, { key: app.apiKey, json })
  return body
}

/** A consent of one child for one purpose: asked through the registry, given, receipt delivered. */
export async function giveConsent(
  network: Network,
  app: TestApp,
  purpose: RegisteredPurpose,
  pupil: string,
  more: { idx?: number; school?: string } = {},
): Promise<string> {
  const school = more.school ?? network.school.entityId
  await network.deps.db.forTenant(app.slug).run(sql`update purpose set state = 'registered' where state = 'pending'`)
  const asked = await network.call('POST', `/v1/apps/${app.slug}/consent-requests`, {
    key: app.apiKey,
    json: { purpose: purpose.id, school },
  })
  const handle: string = asked.body.id
  const pseudonym = network.school.pseudonym(app.entityId, pupil)
  const receipt = network.registry.receipt({
    handle,
    purpose,
    school,
    pseudonym,
    ...(more.idx !== undefined && { idx: more.idx }),
  })
  const body = await network.registry.sealReceipt(receipt, app)
  const taken = await sendReceipt(network, app, body)
  if (taken.status !== 202) throw new Error(`the receipt was answered with ${taken.status}: ${taken.text}`)
  return handle
}
