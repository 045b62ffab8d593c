import { ProtocolError } from '@samen/errors'
import { defineShape } from '@samen/strict-json'
import { Type } from 'typebox'

/** A proof of one key is far smaller; a longer one is an attempt to make us work. */
const MAX_PROOF_LENGTH = 4_096

const CredentialRequestShape = defineShape(
  Type.Object({
    credential_configuration_id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    credential_identifier: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    proofs: Type.Optional(Type.Record(Type.String(), Type.Array(Type.Unknown()))),
    credential_response_encryption: Type.Optional(Type.Unknown()),
  }),
)

/** What is asked for, and the proofs as sent. */
export interface CredentialRequest {
  /** whether the wallet named the dataset of its token response or the configuration of the offer */
  readonly askedBy: 'identifier' | 'configuration'
  readonly configurationId: string
  readonly proofs: readonly string[]
}

/** What the endpoint supports, as its metadata says. */
export interface CredentialRequestPolicy {
  readonly configurationIds: readonly string[]
  /** configuration id by credential identifier, for the identifiers that our token responses can carry */
  readonly identifiers: Readonly<Record<string, string>>
  readonly batchSize: number
}

/**
 * Reads the parsed body of a credential request. Unknown members are ignored; the members of older drafts (`format`,
 * `proof`) are unknown members. Throws ProtocolError 400 with the codes of VCI#credential-request-errors. VCI#credential-request
 */
export function readCredentialRequest(body: unknown, policy: CredentialRequestPolicy): CredentialRequest {
  const request = CredentialRequestShape.read(body, () => invalidRequest('the credential request is malformed'))
  const { credential_configuration_id: configuration, credential_identifier: identifier } = request
  if ((configuration === undefined) === (identifier === undefined))
    throw invalidRequest('either credential_configuration_id or credential_identifier is needed')
  // Encryption is not advertised; a key inside a plain request could be an attacker's. VCI#credential-request
  if (request.credential_response_encryption !== undefined)
    throw new ProtocolError(400, 'invalid_encryption_parameters', 'response encryption is not supported')
  return {
    askedBy: configuration === undefined ? 'identifier' : 'configuration',
    configurationId: readAsked(configuration, identifier, policy),
    proofs: readProofs(request.proofs, policy.batchSize),
  }
}

function readAsked(
  configuration: string | undefined,
  identifier: string | undefined,
  { configurationIds, identifiers }: CredentialRequestPolicy,
): string {
  if (configuration !== undefined) {
    if (configurationIds.includes(configuration)) return configuration
    throw new ProtocolError(400, 'unknown_credential_configuration', 'there is no such credential configuration')
  }
  const named = identifier !== undefined && Object.hasOwn(identifiers, identifier) ? identifiers[identifier] : undefined
  if (named === undefined) throw unknownIdentifier()
  return named
}

/** The code for an identifier that this token was not given, whether it exists or not. VCI#credential-request-errors */
export function unknownIdentifier(): ProtocolError {
  return new ProtocolError(400, 'unknown_credential_identifier', 'there is no such credential identifier')
}

function readProofs(proofs: Record<string, unknown[]> | undefined, batchSize: number): string[] {
  if (proofs === undefined) throw invalidProof('a proof of possession is needed')
  const [[type, values] = [], ...others] = Object.entries(proofs)
  if (others.length > 0) throw invalidProof('exactly one type of proof is needed')
  if (type !== 'jwt' || values === undefined) throw invalidProof('the type of proof is not supported')
  if (values.length === 0) throw invalidProof('a proof of possession is needed')
  if (values.length > batchSize) throw invalidProof('there are more proofs than one batch takes')
  return values.map(readProof)
}

function readProof(value: unknown): string {
  if (typeof value !== 'string') throw invalidRequest('a proof is a string')
  if (value.length > MAX_PROOF_LENGTH) throw invalidProof('a proof is too long')
  return value
}

const invalidRequest = (description: string): ProtocolError =>
  new ProtocolError(400, 'invalid_credential_request', description)

const invalidProof = (description: string): ProtocolError => new ProtocolError(400, 'invalid_proof', description)
