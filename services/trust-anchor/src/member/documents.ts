import { signEntityConfiguration, signSubordinateStatement, signTrustMark } from '@samen/federation'
import type { AnchorKeys } from '../anchor/anchor-keys.ts'
import type { MemberRow } from './member.sql.ts'
import { TRUST_MARKS } from './trust-marks.ts'

/** Signed documents of one state of the directory, each made once and again at half its life. */
export interface Documents {
  configuration(): string
  statementAbout(member: MemberRow): string
  markOf(member: MemberRow, type: string): string
}

/** An expelled member is out of every chain when its last statement has ended; others keep a chain for ten minutes. */
const STATEMENT_SECONDS = 3_600
/** A mark that was taken away can be shown until it ends; members fetch theirs anew every hour at least. */
const MARK_SECONDS = 12 * 3_600
const CONFIGURATION_SECONDS = 86_400

interface Signer {
  readonly keys: AnchorKeys
  readonly entityId: string
  readonly now: () => Date
}

/** Documents in memory, each signed anew in the middle of its life. */
export function createDocuments(signer: Signer): Documents {
  const { keys, entityId: issuer, now } = signer
  const signed = new Map<string, { text: string; until: number }>()
  // Nobody receives a document that is about to end.
  const kept = (name: string, lifetimeSeconds: number, sign: (life: Life) => string) => {
    const at = now()
    const earlier = signed.get(name)
    if (earlier && earlier.until > at.getTime()) return earlier.text
    const text = sign({ now: at, lifetimeSeconds })
    signed.set(name, { text, until: at.getTime() + lifetimeSeconds * 500 })
    return text
  }
  const key = keys.federation
  return {
    configuration: () =>
      kept('configuration', CONFIGURATION_SECONDS, (life) =>
        signEntityConfiguration({ ...configurationOf(signer), ...life }),
      ),
    statementAbout: ({ entity_id: subject, jwks: subjectJwks }) =>
      kept(`statement ${subject}`, STATEMENT_SECONDS, (life) =>
        signSubordinateStatement({ key, issuer, subject, subjectJwks, ...life }),
      ),
    markOf: ({ entity_id: subject }, type) =>
      kept(`mark ${type} ${subject}`, MARK_SECONDS, (life) => signTrustMark({ key, issuer, subject, type, ...life })),
  }
}

interface Life {
  readonly now: Date
  readonly lifetimeSeconds: number
}

/** FED#ec-specific: the anchor has no superior, so no authority hints; it alone issues the marks of this federation. */
function configurationOf({ keys, entityId }: Signer) {
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
    trustMarkIssuers: Object.fromEntries(TRUST_MARKS.map((type) => [type, [entityId]])),
    federationJwks: [keys.federation.publicJwk],
  }
}
