import { ProtocolError } from '@samen/errors'
import type { App } from '@samen/http-kit'
import { type TSchema, Type } from 'typebox'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { receiveNotice } from './receive-notice.ts'
import { receiveReceipt } from './receive-receipt.ts'

const Params = Type.Object({ slug: Type.String({ maxLength: 63 }) })
const Body = Type.String({ minLength: 1, maxLength: 65_536 })
const Refusal = Type.Object({ error: Type.String(), error_description: Type.String() })

/** Signed messages of the registry, each with its own media type: what comes with another one is not read. */
export function registerInboxRoutes(app: App, deps: Deps): void {
  app.post(
    '/apps/:slug/receipts',
    {
      config: { errorStyle: 'protocol' },
      schema: inbox('application/jose', 'A consent receipt, encrypted to the app', Refusal),
    },
    async (request, reply) => {
      assertType(request.headers['content-type'], 'application/jose')
      await receiveReceipt(deps, await addressee(deps, request.params.slug), request.body)
      return reply.code(202).send(undefined as never)
    },
  )
  app.post(
    '/apps/:slug/events',
    {
      config: { errorStyle: 'protocol' },
      schema: inbox('application/secevent+jwt', 'A notice of withdrawal (Security Event Token)', SetRefusal),
    },
    async (request, reply) => {
      try {
        assertType(request.headers['content-type'], 'application/secevent+jwt')
        await receiveNotice(deps, await addressee(deps, request.params.slug), request.body)
        return reply.code(202).send(undefined as never)
      } catch (error) {
        if (!isSetRefusal(error)) throw error
        // SETPUSH#section-2.3. A sender of Security Event Tokens looks for these two members.
        return reply.code(error.status as 400).send({ err: error.code, description: error.description })
      }
    },
  )
}

/** SETPUSH#section-2.4. */
const SetRefusal = Type.Object({ err: Type.String(), description: Type.String() })

function isSetRefusal(error: unknown): error is ProtocolError {
  return error instanceof ProtocolError && (error.status === 400 || error.status === 403)
}

function inbox<Reply extends TSchema>(type: string, summary: string, refusal: Reply) {
  return {
    tags: ['messages between nodes'],
    summary,
    consumes: [type],
    params: Params,
    body: Body,
    response: { 202: Type.Null({ description: 'taken' }), 400: refusal, 403: refusal, 409: Refusal },
  }
}

async function addressee(deps: Deps, slug: string): Promise<AppTenant> {
  const app = await deps.apps.find(slug)
  if (app === undefined) throw new ProtocolError(404, 'not_found', 'there is no such app')
  return app
}

function assertType(header: string | undefined, expected: string): void {
  if (header?.split(';')[0]?.trim().toLowerCase() === expected) return
  throw new ProtocolError(415, 'invalid_request', 'the message has another media type')
}
