import { type App, createApp } from '@samen/http-kit'
import { registerHealthRoute } from '@samen/node-kit'
import { registerAgreementRoutes } from './agreement/agreement.route.ts'
import { registerApiKeyRoutes } from './api-key/api-key.route.ts'
import { registerCredentialRoute } from './credential/credential.route.ts'
import { registerRevocationRoute } from './credential/revocation.route.ts'
import type { Deps } from './deps.ts'
import { registerMembershipRoute } from './membership/membership.route.ts'
import { registerMetadataRoutes } from './metadata/metadata.route.ts'
import { registerNonceRoute } from './nonce/nonce.route.ts'
import { registerNotificationRoute } from './notification/notification.route.ts'
import { registerOfferPages, registerOfferRoutes } from './offer/offer.route.ts'
import { registerRosterRoutes } from './roster/roster.route.ts'
import { registerSchoolRoutes } from './school/school.route.ts'
import { registerStatusRoute } from './status/status.route.ts'
import { registerTokenRoute } from './token/token.route.ts'

/** Every URL of the issuer, in the order a credential lives; each folder registers its own. */
export function createIssuerApp(deps: Deps): App {
  const app = createApp({
    name: 'issuer',
    mode: deps.mode,
    logger: deps.logging,
    maxInFlight: 256,
    requestTimeoutMs: 30_000,
    openapi: { title: 'Samen issuer', description: 'A school turns facts of its administration into credentials.' },
  })
  // a school joins: POST /v1/schools
  registerSchoolRoutes(app, deps)
  // and shows itself: GET /schools/{school}/.well-known/openid-federation
  registerMembershipRoute(app, deps)
  // it exchanges its keys: GET|POST /v1/schools/{school}/api-keys, DELETE …/{id}
  registerApiKeyRoutes(app, deps)
  // its pupils arrive: POST|GET /v1/schools/{school}/imports
  registerRosterRoutes(app, deps)
  // it approves purposes: POST|GET /v1/schools/{school}/agreements
  registerAgreementRoutes(app, deps)
  // it says what it issues: GET /.well-known/{openid-credential-issuer,oauth-authorization-server}/schools/{school}
  registerMetadataRoutes(app, deps)
  // its desk makes an offer: POST /v1/schools/{school}/offers, GET|DELETE …/offers/{id}
  registerOfferRoutes(app, deps)
  // a wallet opens it: GET /schools/{school}/offers/{reference}, and as a page …/desk/offers/{reference}
  registerOfferPages(app, deps)
  // redeems it: POST /schools/{school}/token
  registerTokenRoute(app, deps)
  // proves its keys and gets its copies: POST /schools/{school}/{nonce,credential}
  registerNonceRoute(app, deps)
  registerCredentialRoute(app, deps)
  // and says what it did with them: POST /schools/{school}/notification
  registerNotificationRoute(app, deps)
  // whoever is shown a copy looks whether it still holds: GET /schools/{school}/status-lists/{list}
  registerStatusRoute(app, deps)
  // until the school takes it back: POST /v1/schools/{school}/credentials/{id}/revocation
  registerRevocationRoute(app, deps)
  // is this process well: GET /healthz
  registerHealthRoute(app, deps)
  return app
}
