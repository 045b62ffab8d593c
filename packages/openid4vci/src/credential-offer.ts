/** VCI#pre-authz-code-flow */
export const PRE_AUTHORIZED_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

/** Tells the wallet what to ask for; the code itself never travels in the offer. VCI#credential-offer-parameters */
export interface TxCodeDescription {
  readonly input_mode: 'numeric'
  readonly length: number
  readonly description?: string
}

/** The object that a wallet fetches. VCI#credential-offer-parameters */
export interface CredentialOffer {
  readonly credential_issuer: string
  readonly credential_configuration_ids: readonly string[]
  readonly grants: {
    readonly [PRE_AUTHORIZED_CODE_GRANT]: {
      readonly 'pre-authorized_code': string
      readonly tx_code?: TxCodeDescription
    }
  }
}

/**
 * Builds a credential offer with the pre-authorized code grant. `txCode` says what the person is asked to type, or
 * 'not-used'. Throws Error when no configuration is named, one is named twice, or the description is longer than the 300
 * characters that VCI#credential-offer-parameters allows: all three are mistakes of the caller.
 */
export function credentialOffer(offer: {
  readonly issuer: string
  readonly configurationIds: readonly string[]
  readonly preAuthorizedCode: string
  readonly txCode: TxCodeDescription | 'not-used'
}): CredentialOffer {
  const { issuer, configurationIds, preAuthorizedCode, txCode } = offer
  if (configurationIds.length === 0 || new Set(configurationIds).size !== configurationIds.length)
    throw new Error('an offer names each of its configurations once')
  if (txCode !== 'not-used' && (txCode.description ?? '').length > 300)
    throw new Error('the description of a transaction code has at most 300 characters')
  return {
    credential_issuer: issuer,
    credential_configuration_ids: configurationIds,
    grants: {
      [PRE_AUTHORIZED_CODE_GRANT]: {
        'pre-authorized_code': preAuthorizedCode,
        ...(txCode === 'not-used' ? {} : { tx_code: txCode }),
      },
    },
  }
}
