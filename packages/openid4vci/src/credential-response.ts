/** The body of a successful credential response. VCI#credential-response */
export interface CredentialResponse {
  readonly credentials: { readonly credential: string }[]
  readonly notification_id: string
}

/** `credentials` are compact SD-JWT VCs, all of one configuration and one dataset. VCI#credential-response */
export function credentialResponse(credentials: readonly string[], notificationId: string): CredentialResponse {
  return { credentials: credentials.map((credential) => ({ credential })), notification_id: notificationId }
}
