import { type App, createApp } from '@samen/http-kit'
import { registerAgreementRoutes } from './agreement/agreement.route.ts'
import type { Deps } from './deps.ts'
import { registerRosterRoutes } from './roster/roster.route.ts'
import { registerSchoolRoutes } from './school/school.route.ts'

/** Every URL of the issuer, in the order a credential lives; each folder registers its own. */
export function createIssuerApp(deps: Deps): App {
  const app = createApp({
    name: 'issuer',
    mode: deps.mode,
    logger: { level: deps.logLevel },
    maxInFlight: 256,
    requestTimeoutMs: 120_000,
    openapi: { title: 'Samen issuer', description: 'A school turns facts of its administration into credentials.' },
  })
  // a school joins: POST /v1/schools, GET /schools/{slug}/.well-known/openid-federation
  registerSchoolRoutes(app, deps)
  // its pupils arrive: POST|GET /v1/schools/{school}/imports
  registerRosterRoutes(app, deps)
  // it approves purposes: POST|GET /v1/schools/{school}/agreements
  registerAgreementRoutes(app, deps)
  return app
}
