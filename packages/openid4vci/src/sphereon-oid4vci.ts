import {
  type AccessTokenRequest,
  type AssertedUniformCredentialOffer,
  type CredentialOfferPayloadV1_0_15,
  type CredentialOfferSession,
  EVENTS,
  type GrantTypes,
  type IStateManager,
  type IssuerMetadataV1_0_15,
  IssueStatus,
} from '@sphereon/oid4vci-common'
import {
  assertValidAccessTokenRequest,
  createCredentialOfferObject,
  createCredentialOfferURIFromObject,
  MemoryStates,
  VcIssuerBuilder,
} from '@sphereon/oid4vci-issuer'
import type { CredentialOffer } from './credential-offer.ts'
import { PRE_AUTHORIZED_CODE_GRANT } from './credential-offer.ts'
import type { IssuerMetadata } from './issuer-metadata.ts'

// The only file that imports @sphereon/oid4vci-*. The library carries messages: it composes the offer, its link and the issuer
// metadata, and gives a second opinion on a token request. It sees only what has passed our own checks and decides nothing.
// docs/adr/0002-sphereon-behind-our-checks.md

// As shipped every event is printed on stdout with codes and claims in it, and no option stops that.
EVENTS.emit = () => undefined

/** The link (`<scheme>://?credential_offer_uri=…`) that opens a wallet. `offerUrl` is where the offer itself is fetched. VCI#credential-offer */
export function createOfferUri(scheme: 'openid-credential-offer' | 'haip-vci', offerUrl: string): string {
  const offer = { credential_offer_uri: offerUrl } as AssertedUniformCredentialOffer
  return createCredentialOfferURIFromObject(offer, 'REFERENCE', { scheme })
}

/**
 * The offer object as the library composes it. Throws Error when it is not, member for member, the offer that went in:
 * the library fills gaps with values of its own (a UUID as code, a length of 4), and none of those may ever reach a wallet.
 */
export function composeOffer(offer: CredentialOffer): CredentialOffer {
  const { grants, ...credentialOffer } = structuredClone(offer)
  const composed = createCredentialOfferObject(undefined, {
    credentialOffer: credentialOffer as CredentialOfferPayloadV1_0_15,
    grants,
  })
  return assertUnchanged(offer, composed.credential_offer)
}

/** The issuer metadata as the library carries it. Throws Error when it changed anything (it adds an empty `display`, which VCI#credential-issuer-parameters forbids). */
export function buildIssuerMetadata(metadata: IssuerMetadata): IssuerMetadata {
  const issuer = new VcIssuerBuilder()
    .withIssuerMetadata(structuredClone(metadata) as unknown as IssuerMetadataV1_0_15)
    .withAuthorizationMetadata({ issuer: metadata.credential_issuer, response_types_supported: [] })
    .withInMemoryCredentialOfferState()
    .withInMemoryCNonceState()
    .build()
  return assertUnchanged(metadata, issuer.issuerMetadata)
}

/**
 * Second opinion on a token request that the database has already accepted. `offer` is the offer that was redeemed,
 * `request` the parsed form with the values that proved right. Throws what the library throws; that is a defect on one
 * of the two sides, never an answer to a wallet. VCI#token-request
 */
export async function assertTokenRequest(
  offer: CredentialOffer,
  request: { readonly preAuthorizedCode: string; readonly txCode: string | undefined },
): Promise<void> {
  const session: CredentialOfferSession = {
    credentialOffer: { credential_offer: structuredClone(offer) } as unknown as AssertedUniformCredentialOffer,
    ...(request.txCode === undefined ? {} : { txCode: request.txCode }),
    status: IssueStatus.OFFER_CREATED,
    notification_id: '',
    createdAt: 0,
    lastUpdatedAt: 0,
  }
  await assertValidAccessTokenRequest(
    {
      grant_type: PRE_AUTHORIZED_CODE_GRANT as GrantTypes.PRE_AUTHORIZED_CODE,
      'pre-authorized_code': request.preAuthorizedCode,
      ...(request.txCode === undefined ? {} : { tx_code: request.txCode }),
    } satisfies AccessTokenRequest,
    // Expiry was decided by the row with our clock; the library would read the clock of the machine.
    { credentialOfferSessions: await sessionsOf(request.preAuthorizedCode, session), expirationDuration: Infinity },
  )
}

/** A store that lives for one call and holds one session: nothing of a family stays behind in the library. */
async function sessionsOf(
  code: string,
  session: CredentialOfferSession,
): Promise<IStateManager<CredentialOfferSession>> {
  const sessions = new MemoryStates<CredentialOfferSession>()
  await sessions.set(code, session)
  return sessions
}

function assertUnchanged<T>(ours: T, theirs: unknown): T {
  if (sortedJson(theirs) !== sortedJson(ours))
    throw new Error('the library changed a message that it was given to carry')
  return theirs as T
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
