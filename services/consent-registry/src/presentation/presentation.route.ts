import { type App, assertMediaType } from '@samen/http-kit'
import { readRequestUriPost } from '@samen/openid4vp'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { receiveResponse } from './receive-response.ts'
import { serveRequest } from './serve-request.ts'

const Params = Type.Object({ id: Type.String({ maxLength: 128 }) })
const Form = Type.Record(Type.String(), Type.String({ maxLength: 262_144 }))
const FORM_TYPE = 'application/x-www-form-urlencoded'
const Answered = Type.Object({
  redirect_uri: Type.String({ examples: ['https://registry.example/vp/returns/qPmxiNFCR3QTm19POc8u1A'] }),
})
const REQUEST_TYPE = 'application/oauth-authz-req+jwt'
const tags = ['wallet']

/** `GET|POST /vp/requests/{id}` (VP#request_uri_method_post) and `POST /vp/responses/{id}` (VP#direct_post_jwt). */
export function registerPresentationRoutes(app: App, deps: Deps): void {
  const config = { errorStyle: 'protocol' } as const
  app.get(
    '/vp/requests/:id',
    {
      config,
      schema: { tags, summary: 'The signed request for a presentation', params: Params, produces: [REQUEST_TYPE] },
    },
    async (request, reply) => reply.type(REQUEST_TYPE).send(await serveRequest(deps, request.params.id, 'not-used')),
  )
  app.post(
    '/vp/requests/:id',
    {
      config,
      bodyLimit: 32_768,
      schema: {
        tags,
        summary: 'The same, with the nonce of the wallet',
        consumes: [FORM_TYPE],
        produces: [REQUEST_TYPE],
        params: Params,
        body: Form,
      },
      // Both parameters are optional, and so is the form.
      preValidation: async (request) => {
        if (request.body) assertMediaType(request.headers, FORM_TYPE)
        else request.body = {}
      },
    },
    async ({ params, body }, reply) => {
      return reply.type(REQUEST_TYPE).send(await serveRequest(deps, params.id, readRequestUriPost(body)))
    },
  )
  app.post(
    '/vp/responses/:id',
    {
      config,
      bodyLimit: 524_288,
      schema: {
        tags,
        summary: 'The answer of the wallet',
        consumes: [FORM_TYPE],
        params: Params,
        body: Form,
        response: { 200: Answered },
      },
    },
    async ({ params, body, headers }) => {
      assertMediaType(headers, FORM_TYPE)
      return receiveResponse(deps, params.id, body)
    },
  )
}
