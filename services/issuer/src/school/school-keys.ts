import { exportSigningKey, generateSigningKey, importSigningKey, type SigningKey } from '@samen/jwt-profile'
import type { Keyring } from '@samen/sealing'
import type { KeyPurpose } from './school.sql.ts'

/** The private keys of one school, open. */
export interface SchoolKeys {
  readonly federationKey: SigningKey
  readonly credentialKey: SigningKey
  readonly pseudonymKey: Buffer
  readonly rosterKey: Buffer
}

/** Fresh keys for a new school. The federation key differs from every protocol key. */
export function generateSchoolKeys(random: (bytes: number) => Buffer): SchoolKeys {
  return {
    federationKey: generateSigningKey(),
    credentialKey: generateSigningKey(),
    pseudonymKey: random(32),
    rosterKey: random(32),
  }
}

/** Each key sealed for its tenant and its purpose: copied to another school or another use, it does not open. */
export function sealSchoolKeys(
  keyring: Keyring,
  tenant: string,
  keys: SchoolKeys,
): { purpose: KeyPurpose; sealed: Buffer }[] {
  const seal = (purpose: KeyPurpose, plaintext: Buffer | string) => ({
    purpose,
    sealed: keyring.seal(plaintext, contextOf(tenant, purpose)),
  })
  return [
    seal('federation', JSON.stringify(exportSigningKey(keys.federationKey))),
    seal('credential', JSON.stringify(exportSigningKey(keys.credentialKey))),
    seal('pseudonym', keys.pseudonymKey),
    seal('roster', keys.rosterKey),
  ]
}

/** Opens what `sealSchoolKeys` made. Throws SealingError for another keyring, Error when a key is missing. */
export function openSchoolKeys(
  keyring: Keyring,
  tenant: string,
  rows: readonly { purpose: KeyPurpose; sealed: Buffer }[],
): SchoolKeys {
  const open = (purpose: KeyPurpose): Buffer => {
    const row = rows.find((candidate) => candidate.purpose === purpose)
    if (row === undefined) throw new Error('a key of a school is missing')
    return keyring.open(row.sealed, contextOf(tenant, purpose))
  }
  return {
    federationKey: importSigningKey(JSON.parse(open('federation').toString('utf8'))),
    credentialKey: importSigningKey(JSON.parse(open('credential').toString('utf8'))),
    pseudonymKey: open('pseudonym'),
    rosterKey: open('roster'),
  }
}

const contextOf = (tenant: string, purpose: KeyPurpose): string => `issuer/school-key/${tenant}/${purpose}`
