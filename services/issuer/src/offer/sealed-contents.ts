import type { Deps } from '../deps.ts'
import type { PinnedCredentials } from './pin-credentials.ts'

/** Ties the contents to the row of their offer: moved to another offer or another school they do not open. */
const contextOf = (tenant: string, offerId: string): string => `issuer/offer/${tenant}/${offerId}`

/** What an offer will give, sealed for its row. */
export function sealContents(
  deps: Pick<Deps, 'keyring'>,
  tenant: string,
  offerId: string,
  contents: PinnedCredentials,
): Buffer {
  return deps.keyring.seal(JSON.stringify(contents), contextOf(tenant, offerId))
}

/** Opens what `sealContents` made. Throws when the row was moved or changed. */
export function openContents(
  deps: Pick<Deps, 'keyring'>,
  tenant: string,
  offerId: string,
  sealed: Buffer,
): PinnedCredentials {
  return JSON.parse(deps.keyring.open(sealed, contextOf(tenant, offerId)).toString('utf8')) as PinnedCredentials
}
