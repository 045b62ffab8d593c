import type { EncryptionKey, SigningKey } from '@samen/jwt-profile'

/** An app: a tenant of this node and an entity of the federation. Its keys are open here and sealed in the database. */
export interface AppTenant {
  /** the tenant of every row of this app, and the last part of its entity id */
  readonly slug: string
  readonly entityId: string
  readonly name: string
  /** the entity id of the consent registry that it works with */
  readonly registry: string
  /** where a browser may be sent after a presentation on the same device, compared letter by letter */
  readonly returnUrls: readonly string[]
  readonly keys: AppKeys
  /** what the trust anchor granted, the newest certificate first; empty until the app is a member */
  readonly trustMarks: readonly string[]
  /** until when its mark is good; undefined when the anchor does not count it among its members */
  readonly memberUntil: Date | undefined
  readonly certificate: AppCertificate | undefined
}

export interface AppKeys {
  /** signs entity configurations and messages to other nodes */
  readonly federation: SigningKey
  /** signs authorization requests; its certificate gives the client id */
  readonly signing: SigningKey
  /** receipts come encrypted to it; answers of wallets to a fresh key each */
  readonly encryption: EncryptionKey
  /** 32 bytes: tags of the pseudonyms that this app has seen, so that a dump does not hold them */
  readonly index: Buffer
}

export interface AppCertificate {
  readonly clientId: string
  readonly x5c: readonly string[]
  readonly expiresAt: Date
}

/** Apps by slug, from memory when it can. Slugs come from URLs, so an unknown one is an answer and not an error. */
export interface AppTenants {
  find(slug: string): Promise<AppTenant | undefined>
  /** every app of this node, for timers */
  all(): Promise<AppTenant[]>
  /** drops what is remembered of one app after its rows have changed */
  forget(slug: string): void
}
