// A node pulls what the anchor has granted it: trust marks for its own configuration, certificates for its protocol keys.
import { X509Certificate } from 'node:crypto'
import { verifyX5c } from '@samen/certificates'
import { type PublicJwk, thumbprint } from '@samen/jwt-profile'
import { defineShape, parseJson } from '@samen/strict-json'
import { Type } from 'typebox'
import { type AnchorEndpoints, createAnchorEndpoints } from './anchor-endpoints.ts'
import { fetchDocument } from './fetch-document.ts'
import type { TrustAnchor } from './trust-anchor-file.ts'
import { TrustError } from './trust-error.ts'
import { readTrustMark } from './trust-mark.ts'

export type Membership = {
  readonly trustMarks: readonly string[]
  readonly certificates: ReadonlyMap<string, readonly string[]>
}

const Granted = defineShape(
  Type.Object({
    sub: Type.String({ minLength: 1, maxLength: 512 }),
    trust_mark_types: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 16 }),
    certificates: Type.Record(
      Type.String({ minLength: 1, maxLength: 255 }),
      Type.Array(Type.String({ minLength: 1, maxLength: 8_192 }), { minItems: 1, maxItems: 3 }),
    ),
  }),
)

/**
 * `load` asks the anchor what `entityId` was granted and returns the trust mark tokens and, by key id, the `x5c` chains. Nothing is
 * believed because of where it came from: each mark must verify with the anchor's configured keys for this entity, each leaf with
 * its CA, for this entity and for the key it is filed under. Throws TrustError `unreachable` while the anchor has no answer (so
 * also before enrolment), `invalid_trust_mark` or `invalid_certificate` when what it sends does not hold.
 */
export function createMembership(deps: {
  anchor: TrustAnchor
  entityId: string
  fetchText: (url: string) => Promise<string>
  now: () => Date
}): { load(): Promise<Membership> } {
  const anchors = [new X509Certificate(deps.anchor.caPem)]
  const endpoints = createAnchorEndpoints(deps)
  return {
    async load() {
      const granted = await fetchGranted(deps)
      const trustMarks = []
      for (const type of granted.trust_mark_types) trustMarks.push(await fetchMark(deps, await endpoints(), type))
      const certificates = new Map<string, readonly string[]>()
      for (const [kid, x5c] of Object.entries(granted.certificates)) {
        assertOwnCertificate(x5c, { kid, entityId: deps.entityId, anchors, now: deps.now() })
        certificates.set(kid, x5c)
      }
      return { trustMarks, certificates }
    },
  }
}

type Deps = Parameters<typeof createMembership>[0]

async function fetchGranted(deps: Deps) {
  // This federation's own document: no specification has an endpoint for it.
  const url = `${deps.anchor.entityId.replace(/\/$/, '')}/certificates?${new URLSearchParams({ sub: deps.entityId })}`
  const text = await fetchDocument(deps, url)
  try {
    const granted = Granted.read(parseJson(text, { maxBytes: 131_072 }), (path) => new Error(path))
    if (granted.sub === deps.entityId) return granted
  } catch (cause) {
    throw new TrustError('unreachable', 'the trust anchor sent no readable answer', { cause })
  }
  throw new TrustError('unreachable', 'the trust anchor answered about another entity')
}

/** FED#tm-request. The mark as its token, once it verified. */
async function fetchMark(deps: Deps, { trustMark }: AnchorEndpoints, type: string): Promise<string> {
  const { anchor, entityId } = deps
  const token = await fetchDocument(deps, trustMark({ trust_mark_type: type, sub: entityId }))
  readTrustMark(token, { issuer: anchor.entityId, jwks: anchor.jwks, subject: entityId, type, now: deps.now() })
  return token
}

function assertOwnCertificate(
  x5c: readonly string[],
  own: { kid: string; entityId: string; anchors: readonly X509Certificate[]; now: Date },
): void {
  try {
    const { entityId, leafKey } = verifyX5c(x5c, { anchors: own.anchors, now: own.now })
    if (entityId === own.entityId && thumbprint(leafKey.export({ format: 'jwk' }) as PublicJwk) === own.kid) return
  } catch (cause) {
    throw new TrustError('invalid_certificate', 'a certificate does not verify', { cause })
  }
  throw new TrustError('invalid_certificate', 'a certificate is for another entity or another key')
}
