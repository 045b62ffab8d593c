import { PURPOSE_MESSAGE } from '@samen/consent'
import { notFound } from '@samen/errors'
import { type App, assertMediaType, languageOf, preferredType, sendPage } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { Handle, Hash, PublishedPurposeSchema, PurposeUri } from '../json-schemas.ts'
import { messageSchema } from '../message/message-schema.ts'
import { publishPurpose } from './publish-purpose.ts'
import { purposePage } from './purpose-page.ts'
import { registerPurpose } from './register-purpose.ts'

const Registered = Type.Object({
  id: Handle,
  version: Type.Integer({ examples: [1] }),
  purpose_uri: PurposeUri,
  purpose_hash: Hash,
})
const Params = Type.Object({
  id: Type.String({ maxLength: 64 }),
  version: Type.String({ pattern: '^[1-9][0-9]{0,6}$' }),
})

/** `POST /v1/purposes` for apps, `GET /purposes/{id}/{version}` for everybody: a page, JSON, or the app's signed message. */
export function registerPurposeRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/purposes',
    {
      config: { errorStyle: 'protocol' },
      schema: messageSchema(PURPOSE_MESSAGE.typ, 'Register a purpose', Registered),
    },
    async (request, reply) => {
      assertMediaType(request.headers, 'application/jwt')
      return reply.code(201).send(await registerPurpose(deps, request.body))
    },
  )
  app.get(
    '/purposes/:id/:version',
    {
      config: { errorStyle: 'page' },
      schema: {
        tags: ['public'],
        summary: 'A purpose, for ever the same',
        description: 'text/html, application/json, or application/jwt for the message as the app signed it.',
        params: Params,
        response: { 200: PublishedPurposeSchema },
      },
    },
    async (request, reply) => {
      const found = await publishPurpose(deps, request.params.id, Number(request.params.version))
      if (found === undefined) throw notFound()
      reply.header('vary', 'accept')
      const wanted = preferredType(request.headers, ['application/json', 'text/html', 'application/jwt'])
      if (wanted === 'text/html') return sendPage(reply, purposePage(languageOf(request), found.published))
      if (wanted === 'application/jwt') return reply.type(wanted).send(found.message as never)
      return reply.send(found.published)
    },
  )
}
