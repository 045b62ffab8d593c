import type { SigningKey } from '@samen/jwt-profile'

export const SECTORS = ['po', 'vo', 'so', 'vso'] as const
export type Sector = (typeof SECTORS)[number]

/** Where the school is when the holidays are spread. */
export const HOLIDAY_REGIONS = ['noord', 'midden', 'zuid'] as const
export type HolidayRegion = (typeof HOLIDAY_REGIONS)[number]

/** A tenant of this node. Its keys are open here and sealed in the database. */
export interface School {
  /** the tenant of every row of this school, and the last part of its entity id */
  readonly slug: string
  readonly entityId: string
  readonly name: string
  /** BRIN with the number of the location, six characters; the same as `identifier` of its org in a roster */
  readonly brin: string
  readonly sector: Sector
  readonly holidayRegion: HolidayRegion | undefined
  /** signs entity configurations and messages to other nodes; never a credential */
  readonly federationKey: SigningKey
  /** signs credentials and status lists; has `x5c` (leaf only) once the anchor has certified it */
  readonly credentialKey: SigningKey
  /** 32 bytes; the key of `pairwisePseudonym` */
  readonly pseudonymKey: Buffer
  /** 32 bytes; turns ids of the school's own administration into look-up tags */
  readonly rosterKey: Buffer
  /** the marks that the anchor gave this school, as signed; empty until it is a member */
  readonly trustMarks: readonly string[]
}

/** Schools by slug, from memory when it can. Slugs come from URLs, so an unknown one is an answer and not an error. */
export interface Schools {
  /** Rejects when the school is there and its keys cannot be opened. */
  find(slug: string): Promise<School | undefined>
  /** the names of all schools, also of one that cannot be opened */
  slugs(): Promise<readonly string[]>
  /** drops what is remembered of one school after its row was made or has changed */
  forget(slug: string): void
}
