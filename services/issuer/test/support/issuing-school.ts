import { sql } from '@samen/pg-kit'
import { newSecret } from '@samen/sealing'
import { createTestFederation, fixedClock, type TestFederation } from '@samen/test-kit'
import type { Deps } from '../../src/deps.ts'
import { sealPupilRecord } from '../../src/roster/pupil-record.ts'
import { guardianId, pupilTag } from '../../src/roster/roster-tags.ts'
import { createSchool } from '../../src/school/create-school.ts'
import type { School } from '../../src/school/school.ts'
import { type LogLines, type OpenIssuer, openIssuer, type Test } from './open-issuer.ts'

export const GRANT = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

/** A node with schools whose membership and roster are in place, and hands to play the administration with. */
export interface IssuingNode extends OpenIssuer {
  readonly addSchool: (slug: string, brin: string) => Promise<TestSchool>
}

export interface TestSchool {
  readonly slug: string
  readonly entityId: string
  readonly apiKey: string
  /** adds a pupil with two parents in joint authority: `<ref>-mother` and `<ref>-father`, until the end of the school year if not said otherwise */
  readonly addPupil: (ref: string, decideUntil?: string) => Promise<string>
}

/** Opens a node on a database of its own. The clock stands still at nine o'clock on a day in the middle of a school year. */
export async function openNode(t: Test, lines?: LogLines): Promise<IssuingNode> {
  const clock = fixedClock('2026-11-24T09:00:00Z')
  const federation = await createTestFederation({ now: clock.now })
  const node = await openIssuer(t, { clock, federation, lines })
  return { ...node, addSchool: (slug, brin) => addSchool(node.deps, federation, slug, brin) }
}

async function addSchool(deps: Deps, federation: TestFederation, slug: string, brin: string): Promise<TestSchool> {
  const request = { key: undefined, requestHash: Buffer.alloc(32) }
  const { body } = await createSchool(
    deps,
    { slug, name: `School ${slug}`, brin, sector: 'po', holidayRegion: 'noord' },
    request,
  )
  await certify(deps, federation, slug)
  const school = await schoolOf(deps, slug)
  return {
    slug,
    entityId: school.entityId,
    apiKey: (body as { api_key: string }).api_key,
    addPupil: (ref, decideUntil) => addPupil(deps, school, ref, decideUntil),
  }
}

/** What the timer does that pulls memberships, without a network. */
async function certify(deps: Deps, federation: TestFederation, slug: string): Promise<void> {
  const school = await schoolOf(deps, slug)
  const protocolJwks = [school.credentialKey.publicJwk]
  const federationJwks = [school.federationKey.publicJwk]
  await federation.admit({
    entityId: school.entityId,
    federationJwks,
    protocolJwks,
    trustMarks: [],
    configuration: () => '',
  })
  const url = `${federation.anchor.entityId}/certificates?sub=${encodeURIComponent(school.entityId)}`
  const { certificates } = JSON.parse(await federation.fetchText(url)) as { certificates: Record<string, string[]> }
  const x5c = JSON.stringify(certificates[school.credentialKey.kid])
  await deps.db.forTenant(slug).run(sql`
    insert into school_membership (tenant, trust_marks, x5c, loaded_at) values (${slug}, '[]', ${x5c}, ${deps.now()})`)
  deps.schools.forget(slug)
}

export async function schoolOf(deps: Deps, slug: string): Promise<School> {
  const school = await deps.schools.find(slug)
  if (school === undefined) throw new Error('there is no such school')
  return school
}

async function addPupil(
  deps: Deps,
  school: School,
  ref: string,
  decideUntil = `${schoolYearEnd(deps)}-07-31`,
): Promise<string> {
  const pupilId = newSecret(16)
  const guardian = (name: string) => ({
    guardianId: guardianId(school, `${ref}-${name}`),
    pupilId,
    authority: 'joint' as const,
    relation: 'parent' as const,
    coHolderCount: 1,
    decideUntil,
  })
  const record = {
    facts: {
      pupilId,
      givenName: `Kanarie-${ref}`,
      familyName: 'van der Berg',
      familyNamePrefix: 'van der',
      yearGroup: '6',
      groupLabel: '6A',
      classRef: 'kQ3vTn8YwL2mR5xZ0aBcDg',
      enrolmentSince: '2021-08',
      boardId: '41999',
      schoolYear: `${schoolYearEnd(deps) - 1}-${schoolYearEnd(deps)}`,
      schoolYearEnd: `${schoolYearEnd(deps)}-07-31`,
      ageEqualOrOver: { '12': false, '13': false, '16': false, '18': false },
    },
    guardians: [guardian('mother'), guardian('father')],
  }
  const { wrapped, sealed } = sealPupilRecord(deps.keyring, school.slug, record)
  await deps.db.forTenant(school.slug).run(sql`
    insert into pupil (tenant, id, source_tag, wrapped_key, sealed)
    values (${school.slug}, ${pupilId}, ${pupilTag(school, ref)}, ${wrapped}, ${sealed})`)
  return pupilId
}

const schoolYearEnd = (deps: Deps): number => deps.now().getUTCFullYear() + (deps.now().getUTCMonth() >= 7 ? 1 : 0)

/** Adds an agreement in force with an app, held by a registry. */
export async function agree(deps: Deps, slug: string, app: string, registry: string): Promise<void> {
  await deps.db.forTenant(slug).run(sql`
    insert into agreement (tenant, id, registry, purpose_id, purpose_version, purpose_hash, app, guardians,
      processor_agreement, valid_until, jti, state, created_at)
    values (${slug}, ${newSecret(16)}, ${registry}, ${newSecret(16)}, 1, 'h', ${app}, 'every', '{}',
      ${`${schoolYearEnd(deps)}-07-31`}, ${newSecret(16)}, 'delivered', ${deps.now()})`)
}

export interface MadeOffer {
  readonly id: string
  readonly offer_uri: string
  readonly page_url: string
  readonly tx_code?: string
  readonly expires_at: string
}

/** What the desk sends for a parent and a child. */
export const deskOrder = (ref: string, credentials: readonly string[] = ['pupil']) => ({
  holder: `${ref}-mother`,
  subject: ref,
  credentials,
  grant: 'pre-authorized_code',
  ...(credentials.includes('guardianship') && {
    verification: { method: 'gezagsregister-extract', checked_by: ['staff-1', 'staff-2'] },
  }),
})

export async function postOffer(node: IssuingNode, school: TestSchool, order: object, headers: object = {}) {
  return node.app.inject({
    method: 'POST',
    url: `/v1/schools/${school.slug}/offers`,
    headers: { authorization: `Bearer ${school.apiKey}`, ...headers },
    payload: order,
  })
}

/** Makes an offer that must succeed. */
export async function makeOffer(node: IssuingNode, school: TestSchool, order: object): Promise<MadeOffer> {
  const reply = await postOffer(node, school, order)
  if (reply.statusCode !== 201) throw new Error(`no offer: ${reply.statusCode} ${reply.body}`)
  return reply.json()
}

/** The path of an offer on this node, from its link. */
export function offerPath(offer: MadeOffer): string {
  const reference = new URL(offer.offer_uri).searchParams.get('credential_offer_uri') ?? ''
  return new URL(reference).pathname
}

export async function readCode(node: IssuingNode, offer: MadeOffer): Promise<string> {
  const reply = await node.app.inject({ method: 'GET', url: offerPath(offer) })
  return reply.json().grants[GRANT]['pre-authorized_code']
}
