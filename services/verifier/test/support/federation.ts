import { type CertificateAuthority, createCertificateAuthority, issueLeafCertificate } from '@samen/certificates'
import { signEntityConfiguration, signSubordinateStatement, signTrustMark, type TrustAnchor } from '@samen/federation'
import { generateSigningKey, type PublicJwk, type SigningKey } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import type { Answers } from '@samen/test-kit'

/** A member as the anchor sees it: its federation keys, marks, and certified protocol keys. */
interface Admitted {
  readonly jwks: readonly PublicJwk[]
  readonly marks: readonly string[]
  readonly certificates: Readonly<Record<string, readonly string[]>>
}

/** A federation operator with real keys and a real authority, over HTTP on the test's own server. */
export interface Federation {
  readonly anchor: TrustAnchor
  /** Lets an entity in: its federation keys, its marks, and a certificate for each protocol key. */
  admit(
    entityId: string,
    jwks: readonly PublicJwk[],
    marks: readonly string[],
    protocolKeys: readonly PublicJwk[],
  ): Promise<void>
  certify(entityId: string, publicJwk: PublicJwk): Promise<readonly string[]>
  /** A mark, as the anchor signs it. */
  markFor(subject: string, type: string): string
  /** Lets an entity go, or takes its marks and nothing else. Returns what takes it in again. */
  expel(entityId: string, what?: 'mark only'): () => void
}

const DAY = 86_400

export async function startFederation(base: string, answers: Answers, now: () => Date): Promise<Federation> {
  const entityId = `${base}/anchor`
  const key = generateSigningKey()
  const authority = await createCertificateAuthority({ name: 'Test federation', now: now(), years: 5 })
  const members = new Map<string, Admitted>()
  const certify = (id: string, publicJwk: PublicJwk) => leafFor(authority, id, publicJwk, now())
  answers.set('GET /anchor/.well-known/openid-federation', () => ({
    type: 'application/entity-statement+jwt',
    body: signEntityConfiguration({ ...anchorConfiguration(entityId, key), now: now(), lifetimeSeconds: DAY }),
  }))
  answers.set('GET /anchor/list', () => ({ type: 'application/json', body: JSON.stringify([...members.keys()]) }))
  answers.set('GET /anchor/fetch', ({ query }) => {
    const subject = query.get('sub') ?? ''
    const subjectJwks = members.get(subject)?.jwks ?? []
    const statement = { key, issuer: entityId, subject, subjectJwks, now: now(), lifetimeSeconds: DAY }
    return { type: 'application/entity-statement+jwt', body: signSubordinateStatement(statement) }
  })
  const markFor = (subject: string, type: string) =>
    signTrustMark({ key, issuer: entityId, subject, type, now: now(), lifetimeSeconds: DAY })
  answers.set('GET /anchor/trust-mark', ({ query }) => ({
    type: 'application/trust-mark+jwt',
    body: markFor(query.get('sub') ?? '', query.get('trust_mark_type') ?? ''),
  }))
  answers.set('GET /anchor/certificates', ({ query }) => {
    const sub = query.get('sub') ?? ''
    const member = members.get(sub)
    if (member === undefined) return { status: 404, type: 'application/json', body: '{"error":"not_found"}' }
    const granted = { sub, trust_mark_types: member.marks, certificates: member.certificates }
    return { type: 'application/json', body: JSON.stringify(granted) }
  })
  return {
    anchor: { entityId, jwks: [key.publicJwk], caPem: authority.certificatePem },
    certify,
    markFor,
    expel(id, what) {
      const member = members.get(id)
      if (member === undefined) throw new Error('there is no such member')
      if (what === undefined) members.delete(id)
      else members.set(id, { ...member, marks: [] })
      return () => void members.set(id, member)
    },
    async admit(id, jwks, marks, protocolKeys) {
      const certificates: Record<string, readonly string[]> = {}
      for (const jwk of protocolKeys) certificates[jwk.kid ?? ''] = await certify(id, jwk)
      members.set(id, { jwks, marks, certificates })
    },
  }
}

function anchorConfiguration(entityId: string, key: SigningKey) {
  const endpoints = {
    federation_fetch_endpoint: `${entityId}/fetch`,
    federation_list_endpoint: `${entityId}/list`,
    federation_trust_mark_endpoint: `${entityId}/trust-mark`,
  }
  const metadata = { federation_entity: endpoints }
  return { key, entityId, authorityHints: [], metadata, trustMarks: [], federationJwks: [key.publicJwk] }
}

/** A member with a configuration of its own, such as a school or a registry. */
export function serveEntity(
  federation: Federation,
  answers: Answers,
  entity: { base: string; path: string; key: SigningKey; mark: string; metadata: Record<string, JsonObject> },
  now: () => Date,
): void {
  const entityId = `${entity.base}${entity.path}`
  answers.set(`GET ${entity.path}/.well-known/openid-federation`, () => ({
    type: 'application/entity-statement+jwt',
    body: signEntityConfiguration({
      key: entity.key,
      entityId,
      authorityHints: [federation.anchor.entityId],
      metadata: entity.metadata,
      trustMarks: [federation.markFor(entityId, entity.mark)],
      now: now(),
      lifetimeSeconds: DAY,
      federationJwks: [entity.key.publicJwk],
    }),
  }))
}

async function leafFor(authority: CertificateAuthority, entityId: string, publicJwk: PublicJwk, now: Date) {
  const leaf = await issueLeafCertificate(authority, { subjectName: 'Member', entityId, publicJwk, now, days: 90 })
  return [leaf]
}
