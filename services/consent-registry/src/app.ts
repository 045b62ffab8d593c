import { type App, createApp } from '@samen/http-kit'
import { registerAgreementRoutes } from './agreement/agreement.route.ts'
import { registerConsentListRoutes } from './consent-list/consent-list.route.ts'
import { registerDecisionRoutes } from './decision/decision.route.ts'
import { registerDeletionRoutes } from './deletion/deletion.route.ts'
import type { Deps } from './deps.ts'
import { registerLogRoutes } from './log/log.route.ts'
import { registerMembershipRoutes } from './membership/membership.route.ts'
import { registerPresentationRoutes } from './presentation/presentation.route.ts'
import { registerPairingRoutes, registerReturnRoute } from './presentation/return.route.ts'
import { registerPurposeRoutes } from './purpose/purpose.route.ts'
import { registerRecordRoutes } from './record/record.route.ts'
import { registerRequestRoutes } from './request/request.route.ts'

/** Every URL of the registry, in the order a consent lives; each folder registers its own. */
export function createRegistryApp(deps: Deps): App {
  const app = createApp({
    name: 'consent-registry',
    mode: deps.mode,
    logger: deps.logging,
    maxInFlight: 256,
    requestTimeoutMs: 15_000,
    openapi: {
      title: 'Samen consent registry',
      description:
        'Who decided what about which request: signed, provable, and withdrawn in one step. It never sees a name.',
    },
  })
  // who we are: GET /.well-known/openid-federation, GET /healthz
  registerMembershipRoutes(app, deps)
  // an app says what it wants: POST /v1/purposes, GET /purposes/{id}/{version}
  registerPurposeRoutes(app, deps)
  // a school approves: POST /v1/agreements
  registerAgreementRoutes(app, deps)
  // the question: POST /v1/consent-requests, GET /requests/{handle}
  registerRequestRoutes(app, deps)
  // a word: POST /requests/{handle}/decisions
  registerDecisionRoutes(app, deps)
  // signed by the wallet: GET|POST /vp/requests/{id}, POST /vp/responses/{id}
  registerPresentationRoutes(app, deps)
  // confirmed where it began: GET /vp/returns/{code}, POST /vp/pairing/{kind}
  registerReturnRoute(app, deps)
  registerPairingRoutes(app, deps)
  // what is live: GET /consent-lists/{id}
  registerConsentListRoutes(app, deps)
  // what was deleted: POST /v1/deletion-receipts
  registerDeletionRoutes(app, deps)
  // looking back: POST /me/sessions, GET /me/record
  registerRecordRoutes(app, deps)
  // the proof: GET /log/checkpoint, GET /log/tile/…
  registerLogRoutes(app, deps)
  return app
}
