import { Problem } from '@samen/errors'
import { type App, bearer, idempotencyOf, isMediaType } from '@samen/http-kit'
import { BY_SCHOOL, described, replies, SchoolAndIdParams, SchoolParams } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { authenticateSchool, type Caller } from '../school/authenticate-school.ts'
import { createDeliveryPlaces, type DeliveryPlace } from './delivery-places.ts'
import { ImportQuery, ImportState } from './import-messages.ts'
import { importRoster, showImport } from './import-roster.ts'

const MOST_BYTES = 48 * 1024 * 1024
const LONGEST_MS = 300_000

const tags = ['rosters']
const security = BY_SCHOOL

/** The school's administration sends its register. */
export function registerRosterRoutes(app: App, deps: Deps): void {
  registerSending(app, deps)
  app.get(
    '/v1/schools/:school/imports/:id',
    {
      schema: {
        tags,
        security,
        summary: 'What became of a delivery',
        params: SchoolAndIdParams,
        response: replies(200, ImportState),
      },
    },
    async (request) => {
      const { school } = await authenticateSchool(deps, bearer(request), request.params.school, 'roster')
      return showImport(deps, school, request.params.id) as never
    },
  )
}

function registerSending(app: App, deps: Deps): void {
  const senders = new WeakMap<object, { readonly caller: Caller; readonly place: DeliveryPlace }>()
  const places = createDeliveryPlaces()
  app.post(
    '/v1/schools/:school/imports',
    {
      bodyLimit: MOST_BYTES,
      handlerTimeout: LONGEST_MS,
      config: { takesIdempotencyKey: true },
      schema: {
        tags,
        security,
        summary: 'Send a OneRoster 1.2 CSV zip (bulk) of the board; the school takes its own rows',
        params: SchoolParams,
        querystring: ImportQuery,
        consumes: ['application/zip'],
        body: described('manifest.csv and the files that it names', 'users.csv, roles.csv, …'),
        response: replies(201, ImportState, 400, 409, 415, 503),
      },
      // Before the body is read: neither a stranger nor a body that is no zip can make us hold 48 MB or read them as something else.
      onRequest: async (request, reply) => {
        const { school } = request.params as { school: string }
        const caller = await authenticateSchool(deps, bearer(request), school, 'roster')
        if (!isMediaType(request.headers, 'application/zip')) throw notZip()
        senders.set(request, { caller, place: places.take(school, reply.raw) })
      },
    },
    async (request, reply) => {
      const sender = senders.get(request)
      const zip = request.body
      if (sender === undefined || !Buffer.isBuffer(zip)) throw notZip()
      const delivery = { zip, confirms: request.query.confirm }
      const { status, body } = await sender.place.use(() =>
        importRoster(deps, sender.caller, delivery, idempotencyOf(request)),
      )
      return reply.code(status as 201).send(body as never)
    },
  )
}

function notZip(): Problem {
  return new Problem(415, 'invalid-request', 'A roster is sent as application/zip')
}
