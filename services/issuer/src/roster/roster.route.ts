import { Problem } from '@samen/errors'
import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { authenticateSchool } from '../school/authenticate-school.ts'
import type { School } from '../school/school.ts'
import { importRoster, showImport } from './import-roster.ts'

const MOST_BYTES = 48 * 1024 * 1024
/** A delivery is held in memory while it is read. */
const MOST_AT_ONCE = 2
const LONGEST_MS = 300_000

const Count = Type.Integer({ minimum: 0 })
const Share = Type.Object({ count: Count, of: Count })
const Report = Type.Object({
  accepted: Type.Object({
    pupils: Count,
    guardians: Count,
    guardianships: Count,
    enrolments: Count,
    classes: Count,
    without_authority: Count,
  }),
  rejected: Type.Array(Type.Object({ file: Type.String(), row: Count, reason: Type.String(), detail: Type.String() })),
  rejected_count: Count,
  changes: Type.Optional(Type.Object({ added: Count, changed: Count, unchanged: Count, removed: Count })),
  missing: Type.Optional(Type.Object({ pupils: Share, guardianships: Share, classes: Share, ages: Share })),
  gaps: Type.Optional(Type.Object({ pupils: Share, guardians: Share, enrolments: Share, ages: Share })),
  held_for: Type.Optional(Type.Array(Type.String())),
  refusal: Type.Optional(
    Type.Object({
      reason: Type.String(),
      file: Type.Optional(Type.String()),
      row: Type.Optional(Count),
      detail: Type.String(),
    }),
  ),
})
const Reply = Type.Object({
  id: Type.String(),
  state: Type.Union([Type.Literal('applied'), Type.Literal('held'), Type.Literal('refused')]),
  report: Report,
})

const Params = Type.Object({ school: Type.String({ maxLength: 63 }) })
const ParamsWithId = Type.Object({ school: Type.String({ maxLength: 63 }), id: Type.String({ maxLength: 64 }) })
const Query = Type.Object({
  confirm: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' })),
})

/** The school's administration sends its register. */
export function registerRosterRoutes(app: App, deps: Deps): void {
  const senders = new WeakMap<object, School>()
  let underway = 0

  app.post(
    '/v1/schools/:school/imports',
    {
      bodyLimit: MOST_BYTES,
      handlerTimeout: LONGEST_MS,
      schema: {
        params: Params,
        querystring: Query,
        consumes: ['application/zip'],
        response: { 201: Reply },
        tags: ['roster'],
        summary: 'A OneRoster 1.2 CSV zip (bulk) of the board; the school takes its own rows',
      },
      // Before the body is read: a stranger cannot make us hold a delivery in memory.
      onRequest: async (request) => {
        const { school } = request.params as { school: string }
        senders.set(request, await authenticateSchool(deps, bearer(request), school, 'roster'))
      },
    },
    async (request, reply) => {
      const school = senders.get(request)
      if (school === undefined || !Buffer.isBuffer(request.body))
        throw new Problem(415, 'invalid-request', 'A roster is sent as application/zip')
      if (underway >= MOST_AT_ONCE)
        throw new Problem(503, 'temporarily-unavailable', 'Try again later', { headers: { 'retry-after': '5' } })
      underway += 1
      try {
        const delivery = { zip: request.body, confirms: request.query.confirm }
        const { status, body } = await importRoster(deps, school, delivery, idempotencyOf(request))
        return reply.code(status as 201).send(body as never)
      } finally {
        underway -= 1
      }
    },
  )

  app.get(
    '/v1/schools/:school/imports/:id',
    { schema: { params: ParamsWithId, response: { 200: Reply }, tags: ['roster'] } },
    async (request) => {
      const school = await authenticateSchool(deps, bearer(request), request.params.school, 'roster')
      return showImport(deps, school, request.params.id) as never
    },
  )
}
