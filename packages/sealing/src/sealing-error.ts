/** Why a keyring or a sealed value is refused. */
export type SealingErrorCode = 'no_keyring' | 'unusable_keyring' | 'unusable_operator_key' | 'unsealable'

const SENTENCES: Record<SealingErrorCode, string> = {
  no_keyring: 'the keyring file does not exist',
  unusable_keyring: 'the keyring must be a file of 32 bytes that only its owner can read',
  unusable_operator_key: 'the operator key must be a file of 32 characters or more that only its owner can read',
  unsealable: 'the sealed value does not open',
}

/** The refusal of a keyring or a sealed value; it never says which part of a value was wrong. */
export class SealingError extends Error {
  readonly code: SealingErrorCode

  constructor(code: SealingErrorCode, options: { readonly cause?: unknown } = {}) {
    super(SENTENCES[code], 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'SealingError'
    this.code = code
  }
}
