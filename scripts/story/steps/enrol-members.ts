import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicUrl, type ServiceName } from '../../network/settings.ts'
import { APPS, BOARD, SCHOOLS } from '../cast.ts'
import { ANSWER_MS } from '../client.ts'
import { tenant } from '../memory.ts'
import type { Story } from '../story.ts'
import { until } from '../until.ts'

const MARK = (name: string) => `urn:samen:trust-mark:${name}`

/** Step 1: tenants are made at their nodes, and the federation operator admits each of them on the private port. */
export async function enrolMembers(story: Story): Promise<void> {
  const { print, settings } = story
  const registry = publicUrl(settings, 'consent-registry')
  print.say(`${BOARD.name} runs two schools, two vendors each run an app, a community runs one consent registry.`)
  for (const { slug, name, brin, sector } of SCHOOLS) {
    await ensureTenant(story, 'issuer', 'schools', { slug, name, brin, sector })
  }
  for (const app of APPS) await ensureTenant(story, 'verifier', 'apps', { ...app, registry })
  await admit(story, registry, [MARK('consent-registry')])
  for (const { slug } of SCHOOLS) await admit(story, tenant(story, slug).entityId, [MARK('school')])
  for (const { slug } of APPS) await admit(story, tenant(story, slug).entityId, [MARK('app-vendor')])
  const everyone = [registry, ...[...SCHOOLS, ...APPS].map(({ slug }) => tenant(story, slug).entityId)]
  for (const entityId of everyone) await untilMember(entityId)

  const list = await story.client.call('GET', `${publicUrl(settings, 'trust-anchor')}/list`, { expect: 200 })
  const missing = everyone.filter((entityId) => !list.body.includes(entityId))
  if (missing.length > 0) throw new Error(`the anchor does not list ${missing.join(', ')}`)
  print.sees('Everybody sees', `/list: ${list.body.length} members, and at /fetch a signed statement about each.`)
  print.sees('Each node sees', 'its own trust mark and X.509 certificate; it holds its private keys itself.')
  print.sees('The anchor sees', 'entity ids and public keys. No person, no pupil.')
}

function operatorKey(story: Story, service: ServiceName): string {
  return readFileSync(join(story.settings.dataDirectory, service, 'operator-key'), 'utf8').trim()
}

type Tenant = Readonly<Record<string, string>> & { readonly slug: string }

async function ensureTenant(story: Story, service: ServiceName, kind: string, tenant: Tenant): Promise<void> {
  const { remembered } = story.memory
  if (remembered.tenants[tenant.slug]) return
  const made = await story.client.call('POST', `${publicUrl(story.settings, service)}/v1/${kind}`, {
    apiKey: operatorKey(story, service),
    json: tenant,
    expect: 201,
  })
  remembered.tenants[tenant.slug] = { entityId: made.body.entity_id, apiKey: made.body.api_key }
  story.memory.save()
}

async function admit(story: Story, entityId: string, trustMarks: string[]): Promise<void> {
  const privatePort = story.settings.ports['trust-anchor-private']
  await story.client.call('POST', `http://127.0.0.1:${privatePort}/v1/entities`, {
    apiKey: operatorKey(story, 'trust-anchor'),
    json: { entity_id: entityId, trust_marks: trustMarks },
    expect: [200, 201],
  })
}

/** A node fetches its mark and certificate by itself; it is ready when its own configuration carries the mark. */
export async function untilMember(entityId: string): Promise<void> {
  await until(`${entityId} carries its trust mark`, async () => {
    const reply = await fetch(`${entityId}/.well-known/openid-federation`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const [, payload = ''] = (await reply.text()).split('.')
    return JSON.parse(Buffer.from(payload, 'base64url').toString()).trust_marks?.length > 0
  })
}
