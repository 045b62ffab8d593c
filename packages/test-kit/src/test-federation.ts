import { type CertificateAuthority, createCertificateAuthority, issueLeafCertificate } from '@samen/certificates'
import {
  entityConfigurationUrl,
  signEntityConfiguration,
  signSubordinateStatement,
  signTrustMark,
  type TrustAnchor,
} from '@samen/federation'
import { generateSigningKey, type PublicJwk, type SigningKey } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'

/** What the anchor knows of an entity. */
export type Admission = {
  readonly entityId: string
  readonly federationJwks: readonly PublicJwk[]
  /** Keys that get a certificate. */
  readonly protocolJwks: readonly PublicJwk[]
  readonly trustMarks: readonly string[]
  /** The entity's own signed configuration, asked for at each fetch. */
  readonly configuration: () => string | Promise<string>
}

export type TestMember = {
  readonly entityId: string
  /** What it says about itself now, signed; also after it was expelled. */
  readonly configuration: () => string
  readonly federationKey: SigningKey
  /** With `x5c`, from the anchor's authority. */
  readonly protocolKey: SigningKey
}

export type TestFederation = {
  readonly anchor: TrustAnchor
  /** Makes a member with keys of its own; `metadata` gets the protocol key for the roles' `jwks`. */
  readonly createMember: (options: {
    entityId: string
    trustMarks: readonly string[]
    metadata: (protocolKey: SigningKey) => Record<string, JsonObject>
  }) => Promise<TestMember>
  /** Admits an entity that lives elsewhere, such as the service under test. */
  readonly admit: (admission: Admission) => Promise<void>
  /** Lets an entity go, or takes its marks and nothing else. Answers what takes it in again. */
  readonly expel: (entityId: string, what?: 'marks only') => () => void
  /** Every federation document there is, by its URL; throws for any other URL. */
  readonly fetchText: (url: string) => Promise<string>
}

type Enrolled = Admission & { readonly certificates: Readonly<Record<string, readonly string[]>> }

type State = {
  readonly now: () => Date
  readonly entityId: string
  readonly key: SigningKey
  readonly authority: CertificateAuthority
  readonly members: Map<string, Enrolled>
}

const LIFETIME_SECONDS = 3_600

/**
 * A whole federation in memory: a real anchor with keys and certificate authority, real signatures, no network. `entityId` is the
 * anchor's, for one that is served (`serveFederation`).
 */
export async function createTestFederation(options: {
  readonly now: () => Date
  readonly entityId?: string
}): Promise<TestFederation> {
  const { now, entityId = 'https://anchor.test' } = options
  const authority = await createCertificateAuthority({ name: 'Test federation', now: now(), years: 5 })
  const state = { now, entityId, key: generateSigningKey(), authority, members: new Map() }
  return {
    anchor: { entityId, jwks: [state.key.publicJwk], caPem: authority.certificatePem },
    createMember: (options) => createMember(state, options),
    admit: (admission) => admit(state, admission),
    expel: (member, what) => expel(state, member, what),
    fetchText: (url) => answer(state, url),
  }
}

async function admit(state: State, admission: Admission): Promise<void> {
  const certificates: Record<string, string[]> = {}
  for (const jwk of admission.protocolJwks) {
    certificates[jwk.kid ?? ''] = [await certify(state, admission.entityId, jwk)]
  }
  state.members.set(admission.entityId, { ...admission, certificates })
}

function expel({ members }: State, entityId: string, what?: 'marks only'): () => void {
  const member = members.get(entityId)
  if (member === undefined) throw new Error('there is no such member in the test federation')
  if (what === undefined) members.delete(entityId)
  else members.set(entityId, { ...member, trustMarks: [] })
  return () => void members.set(entityId, member)
}

function certify({ authority, now }: State, entityId: string, publicJwk: PublicJwk): Promise<string> {
  return issueLeafCertificate(authority, { subjectName: 'Member', entityId, publicJwk, now: now(), days: 90 })
}

async function createMember(
  state: State,
  { entityId, trustMarks, metadata }: Parameters<TestFederation['createMember']>[0],
): Promise<TestMember> {
  const federationKey = generateSigningKey()
  const bare = generateSigningKey()
  const protocolKey = { ...bare, x5c: [await certify(state, entityId, bare.publicJwk)] }
  const federationJwks = [federationKey.publicJwk]
  const configuration = () =>
    signEntityConfiguration({
      key: federationKey,
      entityId,
      authorityHints: [state.entityId],
      metadata: metadata(protocolKey),
      trustMarks: trustMarks.map((type) => signMark(state, entityId, type)),
      now: state.now(),
      lifetimeSeconds: LIFETIME_SECONDS,
      federationJwks,
    })
  await admit(state, { entityId, federationJwks, protocolJwks: [bare.publicJwk], trustMarks, configuration })
  return { entityId, configuration, federationKey, protocolKey }
}

function signMark({ entityId, key, now }: State, subject: string, type: string): string {
  return signTrustMark({ issuer: entityId, key, subject, type, now: now(), lifetimeSeconds: LIFETIME_SECONDS })
}

async function answer(state: State, url: string): Promise<string> {
  const member = [...state.members.values()].find(({ entityId }) => entityConfigurationUrl(entityId) === url)
  if (member) return member.configuration()
  if (!url.startsWith(`${state.entityId}/`)) throw new Error('there is no such entity in the test federation')
  const { pathname, searchParams } = new URL(url.slice(state.entityId.length), 'https://anchor.test')
  if (pathname === '/.well-known/openid-federation') return aboutItself(state)
  if (pathname === '/list') return JSON.stringify([...state.members.keys()])
  const about = state.members.get(searchParams.get('sub') ?? '')
  if (!about) throw new Error('there is no such member in the test federation')
  return answerAbout(state, about, pathname, searchParams)
}

function aboutItself({ entityId, key, now }: State): string {
  return signEntityConfiguration({
    key,
    entityId,
    authorityHints: [],
    metadata: {
      federation_entity: {
        federation_fetch_endpoint: `${entityId}/fetch`,
        federation_list_endpoint: `${entityId}/list`,
        federation_trust_mark_endpoint: `${entityId}/trust-mark`,
      },
    },
    trustMarks: [],
    now: now(),
    lifetimeSeconds: LIFETIME_SECONDS,
    federationJwks: [key.publicJwk],
  })
}

function answerAbout(state: State, about: Enrolled, pathname: string, query: URLSearchParams): string {
  const { entityId: subject, federationJwks, trustMarks, certificates } = about
  const { entityId: issuer, key, now } = state
  if (pathname === '/fetch') {
    const lifetimeSeconds = LIFETIME_SECONDS
    return signSubordinateStatement({ issuer, key, subject, subjectJwks: federationJwks, now: now(), lifetimeSeconds })
  }
  if (pathname === '/certificates') return JSON.stringify({ sub: subject, trust_mark_types: trustMarks, certificates })
  if (pathname === '/trust-mark') return signMark(state, subject, query.get('trust_mark_type') ?? '')
  throw new Error('there is no such document in the test federation')
}
