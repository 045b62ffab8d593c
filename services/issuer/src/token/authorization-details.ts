import { ProtocolError } from '@samen/errors'
import { defineShape, type JsonValue, parseJson } from '@samen/strict-json'
import { Type } from 'typebox'
import { identifierOf } from '../metadata/credential-types.ts'

const AuthorizationDetailsShape = defineShape(
  Type.Array(
    Type.Object({
      type: Type.Literal('openid_credential'),
      credential_configuration_id: Type.String({ minLength: 1, maxLength: 255 }),
    }),
    { minItems: 1, maxItems: 8 },
  ),
)

/**
 * The configurations to which a wallet narrows its token, from the `authorization_details` of the form; undefined when it
 * does not. Throws ProtocolError 400 `invalid_authorization_details`. VCI#authorization-details
 */
export function readAuthorizationDetails(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  const details = AuthorizationDetailsShape.read(parse(text), invalidDetails)
  const configurations = details.map((detail) => detail.credential_configuration_id)
  if (new Set(configurations).size < configurations.length) throw invalidDetails()
  return configurations
}

/** The answer to a narrowed request: what the token is good for, with the identifiers to ask by. VCI#token-response */
export function grantedDetails(configurations: readonly string[]): object[] {
  return configurations.map((configuration) => ({
    type: 'openid_credential',
    credential_configuration_id: configuration,
    credential_identifiers: [identifierOf(configuration)],
  }))
}

/** Also for details that name what was not offered. */
export function invalidDetails(): ProtocolError {
  return new ProtocolError(
    400,
    'invalid_authorization_details',
    'the authorization_details are not valid for this offer',
  )
}

function parse(text: string): JsonValue {
  try {
    return parseJson(text, { maxBytes: 4_096 })
  } catch {
    throw invalidDetails()
  }
}
