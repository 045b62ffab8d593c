import { notFound } from '@samen/errors'
import { type CredentialOffer, composeOffer, createOfferUri, credentialOffer } from '@samen/openid4vci'
import { hashSecret } from '@samen/sealing'
import { readIssued } from '../credential/read-issued.ts'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { type OpenOfferRow, readOffer, readOpenOffer } from './offer.sql.ts'
import type { OfferState } from './offer-messages.ts'
import { secretsOf, TX_CODE_LENGTH } from './offer-secrets.ts'

/** How an offer stands and what came of it. Throws Problem 404 for an id that is unknown or another school's. */
export async function readOfferState(deps: Deps, school: School, id: string): Promise<OfferState> {
  const db = deps.db.forTenant(school.slug)
  const offer = await readOffer(db, school.slug, id, deps.now())
  if (offer === undefined) throw notFound()
  return {
    id,
    state: offer.state,
    credentials: offer.configurations,
    created_at: offer.created_at.toISOString(),
    expires_at: offer.expires_at.toISOString(),
    ...(offer.redeemed_at !== null && { redeemed_at: offer.redeemed_at.toISOString() }),
    issued: await readIssued(deps, school, id),
  }
}

/**
 * The offer that a wallet fetches. Throws Problem 404 for a reference that is unknown, used, expired or cancelled: all
 * alike, so that a link tells nothing about what it once was. VCI#credential-offer-parameters
 */
export async function fetchOffer(deps: Deps, school: School, reference: string): Promise<CredentialOffer> {
  const { configurations, wants_tx_code: wantsTxCode } = await findOpenOffer(deps, school, reference)
  const { preAuthorizedCode } = secretsOf(deps, school, reference)
  return composeOffer(offerOf(school, configurations, preAuthorizedCode, wantsTxCode))
}

/** What the page of an open offer shows. Throws Problem 404 as `fetchOffer`. */
export async function readOfferPage(
  deps: Deps,
  school: School,
  reference: string,
): Promise<{ readonly offerUri: string; readonly wantsTxCode: boolean; readonly expiresAt: Date }> {
  const offer = await findOpenOffer(deps, school, reference)
  return {
    offerUri: createOfferUri('openid-credential-offer', `${school.entityId}/offers/${reference}`),
    wantsTxCode: offer.wants_tx_code,
    expiresAt: offer.expires_at,
  }
}

/** The offer object, also for the second opinion on a token request. */
export function offerOf(
  school: School,
  configurationIds: readonly string[],
  preAuthorizedCode: string,
  wantsTxCode: boolean,
): CredentialOffer {
  const txCode = wantsTxCode ? ({ input_mode: 'numeric', length: TX_CODE_LENGTH } as const) : 'not-used'
  return credentialOffer({ issuer: school.entityId, configurationIds, preAuthorizedCode, txCode })
}

async function findOpenOffer(deps: Deps, school: School, reference: string): Promise<OpenOfferRow> {
  const db = deps.db.forTenant(school.slug)
  const offer = await readOpenOffer(db, school.slug, hashSecret(reference), deps.now())
  if (offer === undefined) throw notFound()
  return offer
}
