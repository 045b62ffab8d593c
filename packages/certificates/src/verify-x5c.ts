import type { KeyObject, X509Certificate } from 'node:crypto'
import { BoundedCache, sha256Base64url } from '@samen/jwt-profile'
import { CertificateError } from './certificate-error.ts'
import { decodeDer, parseCertificate } from './decode-certificate.ts'
import { readLeafProfile } from './read-leaf-profile.ts'

/** Whom the receiver believes, and when. The anchors come from its own configuration and never from a message. */
export type X5cPolicy = { readonly anchors: readonly X509Certificate[]; readonly now: Date }

/** What a certificate proves: this key belongs to this entity until then. */
export type VerifiedLeaf = {
  readonly leafKey: KeyObject
  readonly entityId: string
  readonly leaf: X509Certificate
  readonly expiresAt: Date
}

type ProvenLeaf = VerifiedLeaf & { readonly validFrom: Date }

const provenLeaves = new BoundedCache<ProvenLeaf>(1024)

/**
 * Verifies the certificate that a token carries in `x5c`.
 *
 * In: the header's chain (base64 DER) and the policy. Out: the key, the entity it belongs to, and until when. What time
 * cannot change is proven once per certificate and set of anchors. Throws `CertificateError`: members are certified by
 * the anchor itself, so the chain is the leaf alone; the anchor does not travel along, since a receiver who took it from
 * the message would believe anybody. HAIP#issuer-key-resolution, VP#client_identifier_prefixes
 */
export function verifyX5c(x5c: readonly string[], policy: X5cPolicy): VerifiedLeaf {
  const [first, ...others] = x5c
  if (first === undefined) throw new CertificateError('no_certificate')
  if (others.length > 0) throw new CertificateError(holdsAnchor(others, policy) ? 'anchor_in_chain' : 'chain_too_long')
  const der = decodeDer(first)
  const anchors = policy.anchors.map((anchor) => anchor.fingerprint256).join()
  const proven = provenLeaves.get(`${sha256Base64url(der)} ${anchors}`, () => proveLeaf(der, policy.anchors))
  if (policy.now < proven.validFrom) throw new CertificateError('not_yet_valid')
  if (policy.now >= proven.expiresAt) throw new CertificateError('expired')
  const { leafKey, entityId, leaf, expiresAt } = proven
  return { leafKey, entityId, leaf, expiresAt }
}

function holdsAnchor(x5c: readonly string[], { anchors }: X5cPolicy): boolean {
  return x5c.slice(0, 8).some((element) => anchors.some((anchor) => anchor.raw.toString('base64') === element))
}

/** Cheap checks first; the extensions are read only of what an anchor has signed. */
function proveLeaf(der: Buffer, anchors: readonly X509Certificate[]): ProvenLeaf {
  const leaf = parseCertificate(der)
  if (anchors.some((anchor) => anchor.raw.equals(der))) throw new CertificateError('anchor_in_chain')
  if (leaf.subject === leaf.issuer && leaf.verify(readKey(leaf))) throw new CertificateError('self_signed')
  if (leaf.ca) throw new CertificateError('ca_as_leaf')
  if (leaf.signatureAlgorithm !== 'ecdsa-with-SHA256') throw new CertificateError('unsupported_algorithm')
  const anchor = anchors.find((candidate) => isIssuedBy(leaf, candidate))
  if (anchor === undefined) throw new CertificateError('unknown_authority')
  const leafKey = readKey(leaf)
  if (leafKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new CertificateError('unsupported_algorithm')
  const { entityId } = readLeafProfile(leaf.raw)
  return {
    leafKey,
    entityId,
    leaf,
    validFrom: later(leaf.validFromDate, anchor.validFromDate),
    expiresAt: earlier(leaf.validToDate, anchor.validToDate),
  }
}

/** A key of an algorithm or a curve that nobody knows, or a point beside its curve, is read only when it is asked for. */
function readKey(leaf: X509Certificate): KeyObject {
  try {
    return leaf.publicKey
  } catch (cause) {
    throw new CertificateError('unsupported_algorithm', { cause })
  }
}

/** Names and key identifiers can be copied; the signature cannot. */
function isIssuedBy(leaf: X509Certificate, anchor: X509Certificate): boolean {
  return anchor.ca && leaf.checkIssued(anchor) && leaf.verify(anchor.publicKey)
}

const later = (left: Date, right: Date): Date => (left > right ? left : right)
const earlier = (left: Date, right: Date): Date => (left < right ? left : right)
