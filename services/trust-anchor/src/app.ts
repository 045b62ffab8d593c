import { type App, createApp } from '@samen/http-kit'
import { registerHealthRoute } from '@samen/node-kit'
import { registerCertificateRoute } from './certificate/certificate.route.ts'
import type { Deps } from './deps.ts'
import { registerFederationRoutes } from './federation/federation.route.ts'
import { registerMemberRoutes } from './member/member.route.ts'

/** Every public URL of the trust anchor. All of it is public information, signed or about certificates. */
export function createTrustAnchorApp(deps: Deps): App {
  const app = openApp(deps, 'Samen trust anchor', 'Says who is a member of the federation.')
  // GET /.well-known/openid-federation, /fetch, /list, /trust-mark
  registerFederationRoutes(app, deps)
  // GET /certificates
  registerCertificateRoute(app, deps)
  registerHealthRoute(app, deps)
  return app
}

/** Every URL of the private port: POST|GET|DELETE /v1/entities. */
export function createEnrolmentApp(deps: Deps): App {
  const app = openApp(deps, 'Samen trust anchor, enrolment', 'Admits and expels members. Never reachable from outside.')
  registerMemberRoutes(app, deps)
  registerHealthRoute(app, deps)
  return app
}

function openApp(deps: Deps, title: string, description: string): App {
  return createApp({
    name: 'trust-anchor',
    mode: deps.mode,
    logger: deps.logging,
    maxInFlight: 256,
    requestTimeoutMs: 15_000,
    openapi: { title, description },
  })
}
