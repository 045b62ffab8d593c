import { ProtocolError } from '@samen/errors'
import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { fetchStatement, fetchTrustMark, listMembers } from './answer-federation.ts'

const text = (example: string) => Type.Optional(Type.String({ maxLength: 512, examples: [example] }))
const Sub = text('https://issuer.example/schools/de-vlieger')
const MarkType = text('urn:samen:trust-mark:school')
const config = { errorStyle: 'protocol' } as const
const tags = ['federation']

/** The public endpoints of OpenID Federation, answered from memory. */
export function registerFederationRoutes(app: App, deps: Deps): void {
  app.get(
    '/.well-known/openid-federation',
    { config, schema: { tags, summary: 'The anchor about itself', produces: ['application/entity-statement+jwt'] } },
    async (_request, reply) =>
      reply
        .type('application/entity-statement+jwt')
        .header('cache-control', 'public, max-age=300')
        .send(deps.members.configuration()),
  )
  app.get(
    '/fetch',
    {
      config,
      schema: {
        tags,
        summary: 'The anchor about a member',
        querystring: Type.Object({ sub: Sub }),
        produces: ['application/entity-statement+jwt'],
      },
    },
    async (request, reply) =>
      reply.type('application/entity-statement+jwt').send(fetchStatement(deps, request.query.sub)),
  )
  app.get(
    '/list',
    {
      // A repeated filter, which FED#subordinate-request allows, is not supported, and then has to be refused with this code.
      config: { ...config, invalidRequestCode: 'unsupported_parameter' },
      schema: {
        tags,
        summary: 'Entity ids of the members',
        querystring: Type.Object({
          entity_type: text('openid_credential_issuer'),
          trust_mark_type: MarkType,
          trust_marked: text('true'),
          intermediate: text('false'),
        }),
        response: { 200: Type.Array(Type.String(), { examples: [['https://issuer.example/schools/de-vlieger']] }) },
      },
    },
    async (request) => listMembers(deps, request.query),
  )
  app.get(
    '/trust-mark',
    {
      config,
      schema: {
        tags,
        summary: 'A trust mark of a member',
        querystring: Type.Object({ trust_mark_type: MarkType, sub: Sub }),
        produces: ['application/trust-mark+jwt'],
      },
    },
    async (request, reply) => {
      const { trust_mark_type: type, sub } = request.query
      if (!type || !sub) throw new ProtocolError(400, 'invalid_request', 'trust_mark_type and sub are needed')
      return reply.type('application/trust-mark+jwt').send(fetchTrustMark(deps, type, sub))
    },
  )
}
