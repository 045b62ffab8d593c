import { type App, createApp } from '@samen/http-kit'
import { registerHealthRoute } from '@samen/node-kit'
import { registerApiKeyRoutes } from './api-key/api-key.route.ts'
import { registerAppTenantRoutes } from './app-tenant/app-tenant.route.ts'
import { registerPairingRoutes, registerPresentationPage, registerReturnRoute } from './browser/browser.route.ts'
import { registerConsentRequestRoutes } from './consent/consent-request.route.ts'
import { registerInboxRoutes } from './consent/inbox.route.ts'
import { registerDeletionRoutes } from './deletion/deletion.route.ts'
import type { Deps } from './deps.ts'
import { registerConfigurationRoute } from './membership/configuration.route.ts'
import { registerMessageRoute } from './outgoing/message.route.ts'
import { registerPurposeRoutes } from './purpose/purpose.route.ts'
import { registerPresentationRoutes } from './request/presentation.route.ts'
import { registerRequestRoutes } from './request/request.route.ts'
import { registerResponseRoutes } from './response/response.route.ts'
import { registerResultRoutes } from './result/result.route.ts'
import { registerWebhookRoutes } from './webhook/webhook.route.ts'

/** Every URL of the verifier, in the order in which a consent lives; each folder registers its own. */
export function createVerifierApp(deps: Deps): App {
  const app = createApp({
    name: 'verifier',
    mode: deps.mode,
    logger: deps.logging,
    maxInFlight: 256,
    requestTimeoutMs: 15_000,
    openapi: {
      title: 'Samen verifier',
      description: 'Asks a wallet for what a registered purpose allows, and nothing more.',
    },
  })
  // an app joins: POST /v1/apps, GET|POST|DELETE /v1/apps/{app}/api-keys, GET /apps/{slug}/.well-known/openid-federation
  registerAppTenantRoutes(app, deps)
  registerApiKeyRoutes(app, deps)
  registerConfigurationRoute(app, deps)
  // it says what it asks for and why: POST /v1/apps/{app}/purposes, GET /v1/apps/{app}/messages
  registerPurposeRoutes(app, deps)
  registerMessageRoute(app, deps)
  // it asks the guardians of a child: POST|GET /v1/apps/{app}/consent-requests
  registerConsentRequestRoutes(app, deps)
  // it asks a wallet: POST /v1/apps/{app}/presentations, GET /presentations/{id}
  registerPresentationRoutes(app, deps)
  registerPresentationPage(app, deps)
  // the wallet fetches and answers: GET|POST /apps/{slug}/requests/{id}, POST /apps/{slug}/responses/{id}
  registerRequestRoutes(app, deps)
  registerResponseRoutes(app, deps)
  // confirmed where it began: GET /presentations/{id}/returns/{code}, POST /presentations/{id}/pairing, or by the app:
  // POST /v1/apps/{app}/presentations/{id}/pairing
  registerReturnRoute(app, deps)
  registerPairingRoutes(app, deps)
  // the app reads, once: GET /v1/apps/{app}/presentations/{id}
  registerResultRoutes(app, deps)
  // the registry tells: POST /apps/{slug}/receipts, POST /apps/{slug}/events
  registerInboxRoutes(app, deps)
  // the app hears of it and deletes: GET|POST|DELETE /v1/apps/{app}/webhooks, GET|POST /v1/apps/{app}/deletions
  registerWebhookRoutes(app, deps)
  registerDeletionRoutes(app, deps)
  // the operator looks: GET /healthz
  registerHealthRoute(app, deps)
  return app
}
