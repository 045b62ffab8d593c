import { signEntityConfiguration, signSubordinateStatement, signTrustMark } from '@samen/federation'
import type { Db } from '@samen/pg-kit'
import type { AnchorKeys } from '../anchor/anchor-keys.ts'
import { readCertificates } from '../certificate/certificate.sql.ts'
import { type MemberRow, readMembers } from './member.sql.ts'

/** A member as the anchor publishes it. */
export interface KnownMember extends MemberRow {
  /** `x5c` by key id */
  readonly certificates: Readonly<Record<string, readonly string[]>>
}

/** The members in memory, with the documents signed about them: a public request costs neither a statement nor, mostly, a signature. */
export interface Members {
  all(): readonly KnownMember[]
  find(entityId: string): KnownMember | undefined
  configuration(): string
  statementAbout(member: KnownMember): string
  markOf(member: KnownMember, type: string): string
  /** Reads the database again; what changed is signed anew, what did not keeps its documents. */
  reload(): Promise<void>
}

/** An expelled member is out of every chain when its last statement has ended, and no chain is cached longer than that. */
const STATEMENT_SECONDS = 3_600
const MARK_SECONDS = 7 * 86_400
const CONFIGURATION_SECONDS = 86_400

export function createMembers(deps: { db: Db; keys: AnchorKeys; entityId: string; now: () => Date }): Members {
  const { db, keys, entityId, now } = deps
  let known = new Map<string, { member: KnownMember; content: string }>()
  const signed = new Map<string, { text: string; until: number }>()
  // Signed again at half its life, so that nobody receives a document that is about to end.
  const kept = (
    name: string,
    lifetimeSeconds: number,
    sign: (at: { now: Date; lifetimeSeconds: number }) => string,
  ) => {
    const at = now()
    const earlier = signed.get(name)
    if (earlier && earlier.until > at.getTime()) return earlier.text
    const text = sign({ now: at, lifetimeSeconds })
    signed.set(name, { text, until: at.getTime() + lifetimeSeconds * 500 })
    return text
  }
  const key = keys.federation
  return {
    all: () => [...known.values()].map(({ member }) => member),
    find: (id) => known.get(id)?.member,
    configuration: () =>
      kept('configuration', CONFIGURATION_SECONDS, (life) =>
        signEntityConfiguration({ ...ownConfiguration(deps), ...life }),
      ),
    statementAbout: ({ entity_id: subject, jwks: subjectJwks }) =>
      kept(`statement ${subject}`, STATEMENT_SECONDS, (life) =>
        signSubordinateStatement({ key, issuer: entityId, subject, subjectJwks, ...life }),
      ),
    markOf: ({ entity_id: subject }, type) =>
      kept(`mark ${type} ${subject}`, MARK_SECONDS, (life) =>
        signTrustMark({ key, issuer: entityId, subject, type, ...life }),
      ),
    async reload() {
      const fresh = await readKnownMembers(db)
      for (const [id, { content }] of known) {
        if (fresh.get(id)?.content !== content) forget(signed, id)
      }
      known = fresh
    },
  }
}

async function readKnownMembers(db: Db) {
  const [members, certificates] = await Promise.all([readMembers(db), readCertificates(db)])
  return new Map(
    members.map((row) => {
      const own = certificates.filter((certificate) => certificate.entity_id === row.entity_id)
      const member = { ...row, certificates: Object.fromEntries(own.map(({ kid, x5c }) => [kid, x5c])) }
      return [row.entity_id, { member, content: JSON.stringify(member) }] as const
    }),
  )
}

function forget(signed: Map<string, unknown>, entityId: string): void {
  for (const name of signed.keys()) if (name.endsWith(` ${entityId}`)) signed.delete(name)
}

/** FED#ec-specific: the anchor has no superior, so no authority hints. */
function ownConfiguration({ keys, entityId }: { keys: AnchorKeys; entityId: string }) {
  return {
    key: keys.federation,
    entityId,
    authorityHints: [],
    metadata: {
      federation_entity: {
        organization_name: 'Samen federation',
        federation_fetch_endpoint: `${entityId}/fetch`,
        federation_list_endpoint: `${entityId}/list`,
        federation_trust_mark_endpoint: `${entityId}/trust-mark`,
      },
    },
    trustMarks: [],
    federationJwks: [keys.federation.publicJwk],
  }
}
