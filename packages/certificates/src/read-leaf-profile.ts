import { CertificateError } from './certificate-error.ts'
import {
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from './x509.ts'

const BASIC_CONSTRAINTS = '2.5.29.19'
const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17'
const UNDERSTOOD = new Set([BASIC_CONSTRAINTS, KEY_USAGE, SUBJECT_ALTERNATIVE_NAME])

/**
 * Reads what a leaf is for and whom it names. In: its DER, signed by an anchor. Out: the entity id. Throws
 * `CertificateError`: `ca_as_leaf`, also where its key usage says otherwise; `wrong_usage` when it may do anything but
 * sign; `wrong_name` when it names another number of entities than one; `malformed` for doubled extensions and critical
 * ones we do not understand (RFC 5280, 4.2).
 */
export function readLeafProfile(der: Buffer): { entityId: string } {
  const extensions = readExtensions(der)
  const constraints = extensions.get(BASIC_CONSTRAINTS)
  if (constraints instanceof BasicConstraintsExtension && constraints.ca) throw new CertificateError('ca_as_leaf')
  const usage = extensions.get(KEY_USAGE)
  const mayOnlySign = usage instanceof KeyUsagesExtension && usage.usages === KeyUsageFlags.digitalSignature
  if (!mayOnlySign || extensions.has(EXTENDED_KEY_USAGE)) throw new CertificateError('wrong_usage')
  const names = extensions.get(SUBJECT_ALTERNATIVE_NAME)
  const [name, ...others] = names instanceof SubjectAlternativeNameExtension ? names.names.toJSON() : []
  if (name?.type !== 'url' || others.length > 0) throw new CertificateError('wrong_name')
  return { entityId: name.value }
}

function readExtensions(der: Buffer): Map<string, Extension> {
  const byType = new Map<string, Extension>()
  for (const extension of parseExtensions(der)) {
    if (byType.has(extension.type)) throw new CertificateError('malformed')
    if (extension.critical && !UNDERSTOOD.has(extension.type)) throw new CertificateError('malformed')
    byType.set(extension.type, extension)
  }
  return byType
}

function parseExtensions(der: Buffer): readonly Extension[] {
  try {
    return new X509Certificate(der).extensions
  } catch (cause) {
    throw new CertificateError('malformed', { cause })
  }
}
