import { type App, preferredType } from '@samen/http-kit'
import { described, SchoolParams } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { findSchool } from '../wallet-route.ts'
import { authorizationServerMetadata, createMetadataSigner, issuerMetadata } from './issuer-metadata.ts'

const CACHED = 'public, max-age=300'
const ISSUER_EXAMPLE = {
  credential_issuer: 'https://issuer.example/schools/de-waterlelie',
  credential_endpoint: 'https://issuer.example/schools/de-waterlelie/credential',
  credential_configurations_supported: { pupil: { format: 'dc+sd-jwt', vct: 'urn:samen:credential:pupil:1' } },
}
const SERVER_EXAMPLE = {
  issuer: 'https://issuer.example/schools/de-waterlelie',
  token_endpoint: 'https://issuer.example/schools/de-waterlelie/token',
}

/** `GET /.well-known/openid-credential-issuer/schools/{school}` and `…/oauth-authorization-server/schools/{school}`. */
export function registerMetadataRoutes(app: App, deps: Deps): void {
  const signedMetadata = createMetadataSigner(deps)
  const wellKnown = pathOf(deps)
  const tags = ['metadata']

  app.get(
    `${wellKnown('openid-credential-issuer')}/schools/:school`,
    {
      schema: {
        tags,
        summary: 'What a school issues: JSON, or signed as a JWT when asked for',
        params: SchoolParams,
        produces: ['application/json', 'application/jwt'],
        response: { 200: described('metadata of a credential issuer', ISSUER_EXAMPLE) },
      },
    },
    async (request, reply) => {
      const school = await findSchool(deps, request.params.school)
      reply.headers({ 'cache-control': CACHED, vary: 'Accept' })
      const liked = preferredType(request.headers, ['application/json', 'application/jwt'])
      const jwt = liked === 'application/jwt' ? signedMetadata(school) : undefined
      // VCI#credential-issuer-wellknown: the media type says which of the two it is, whatever was asked.
      if (jwt !== undefined) return reply.type('application/jwt').send(jwt)
      return reply.type('application/json').send(JSON.stringify(issuerMetadata(school)))
    },
  )

  app.get(
    `${wellKnown('oauth-authorization-server')}/schools/:school`,
    {
      schema: {
        tags,
        summary: 'The authorization server of a school',
        params: SchoolParams,
        response: { 200: described('metadata of an authorization server', SERVER_EXAMPLE) },
      },
    },
    async (request, reply) => {
      const school = await findSchool(deps, request.params.school)
      return reply
        .header('cache-control', CACHED)
        .type('application/json')
        .send(JSON.stringify(authorizationServerMetadata(school)))
    },
  )
}

/** The well-known segment goes between host and path, also when this node is served below a path. VCI#credential-issuer-wellknown */
function pathOf(deps: Pick<Deps, 'publicUrl'>): (name: string) => string {
  const { pathname } = new URL(deps.publicUrl)
  return (name) => `/.well-known/${name}${pathname === '/' ? '' : pathname}`
}
