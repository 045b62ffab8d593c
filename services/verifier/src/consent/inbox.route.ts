import { ProtocolError } from '@samen/errors'
import { type App, assertMediaType, InvalidRequest } from '@samen/http-kit'
import { type TSchema, Type } from 'typebox'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { receiveNotice } from './receive-notice.ts'
import { receiveReceipt } from './receive-receipt.ts'

const Params = Type.Object({ slug: Type.String({ maxLength: 63 }) })
const Body = Type.String({ minLength: 1, maxLength: 65_536 })
const Refusal = Type.Object({ error: Type.String(), error_description: Type.String() })
/** SETPUSH#section-2.3. A sender of Security Event Tokens looks for these two members. */
const SetRefusal = Type.Object({ err: Type.String(), description: Type.String() })

/** Signed messages of the registry, each with its own media type: what comes with another one is not read. */
export function registerInboxRoutes(app: App, deps: Deps): void {
  app.post(
    '/apps/:slug/receipts',
    {
      config: { errorStyle: 'protocol' },
      schema: inbox('application/jose', 'A consent receipt, encrypted to the app', {
        400: Refusal,
        403: Refusal,
        409: Refusal,
      }),
    },
    async (request, reply) => {
      assertMediaType(request.headers, 'application/jose')
      await receiveReceipt(deps, await addressee(deps, request.params.slug), request.body)
      return reply.code(202).send(undefined as never)
    },
  )
  app.post(
    '/apps/:slug/events',
    {
      config: { errorStyle: 'protocol' },
      schema: inbox('application/secevent+jwt', 'A notice of withdrawal (Security Event Token)', { 400: SetRefusal }),
      errorHandler: (error, _request, reply) => {
        const refusal = setRefusal(error)
        if (refusal === undefined) throw error
        return reply.code(400).header('content-language', 'en').send(refusal)
      },
    },
    async (request, reply) => {
      assertMediaType(request.headers, 'application/secevent+jwt')
      await receiveNotice(deps, await addressee(deps, request.params.slug), request.body)
      return reply.code(202).send(undefined as never)
    },
  )
}

/** What is wrong with a token, whichever of our checks found it. What is wrong with the request is left to HTTP. */
function setRefusal(error: unknown): { err: string; description: string } | undefined {
  if (error instanceof InvalidRequest) return { err: 'invalid_request', description: 'the body is no message' }
  if (!(error instanceof ProtocolError) || (error.status !== 400 && error.status !== 403)) return undefined
  return { err: error.code, description: error.description }
}

function inbox<Refusals extends Record<number, TSchema>>(type: string, summary: string, refusals: Refusals) {
  return {
    tags: ['messages between nodes'],
    summary,
    consumes: [type],
    params: Params,
    body: Body,
    response: { 202: Type.Null({ description: 'taken' }), ...refusals },
  }
}

async function addressee(deps: Deps, slug: string): Promise<AppTenant> {
  const app = await deps.apps.find(slug)
  if (app === undefined) throw new ProtocolError(404, 'not_found', 'there is no such app')
  return app
}
