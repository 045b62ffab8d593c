import { Problem } from '@samen/errors'
import { type App, bearer } from '@samen/http-kit'
import { assertOperator } from '@samen/node-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { admitMember } from './admit-member.ts'
import { expelMember } from './expel-member.ts'
import { listHistory } from './list-history.ts'
import type { KnownMember } from './members.ts'
import { TRUST_MARKS } from './trust-marks.ts'

const EntityId = Type.String({ minLength: 8, maxLength: 512, examples: ['https://issuer.example/schools/de-vlieger'] })

const Body = Type.Object(
  {
    entity_id: EntityId,
    trust_marks: Type.Array(Type.Union(TRUST_MARKS.map((mark) => Type.Literal(mark))), {
      maxItems: TRUST_MARKS.length,
      examples: [[TRUST_MARKS[0]]],
    }),
  },
  { additionalProperties: false },
)

const Entity = Type.Object({
  entity_id: EntityId,
  name: Type.String({ examples: ['De Vlieger'] }),
  entity_types: Type.Array(Type.String({ examples: ['openid_credential_issuer'] })),
  trust_marks: Type.Array(Type.String()),
  certified_keys: Type.Array(Type.String({ description: 'key ids with a certificate' })),
  admitted_at: Type.String({ format: 'date-time' }),
})

const Listed = Type.Object({
  entity_id: EntityId,
  name: Type.String(),
  state: Type.Union([Type.Literal('member'), Type.Literal('expelled')]),
  entity_types: Type.Array(Type.String()),
  trust_marks: Type.Array(Type.String()),
  admitted_at: Type.String({ format: 'date-time' }),
  expelled_at: Type.Optional(Type.String({ format: 'date-time' })),
})

/** The members of the federation, for its operator. On the private port only. */
export function registerMemberRoutes(app: App, deps: Deps): void {
  const security = [{ operatorKey: [] }]
  const tags = ['members']
  app.post(
    '/v1/entities',
    {
      schema: {
        tags,
        security,
        summary: 'Admit a member, or admit it again',
        description:
          'Refused with `address-refused`, and nobody is asked, when the entity id leads inside a network; with `expelled-meanwhile` when it was expelled while it was asked.',
        body: Body,
        response: { 200: Entity },
      },
    },
    async (request) => {
      assertOperator(deps, bearer(request))
      return entityOf(await admitMember(deps, request.body.entity_id, distinct(request.body.trust_marks)))
    },
  )
  app.get(
    '/v1/entities',
    {
      schema: {
        tags,
        security,
        summary: 'All that are or were members, a hundred at a time',
        querystring: Type.Object({ after: Type.Optional(EntityId) }),
        response: { 200: Type.Object({ entities: Type.Array(Listed), next: Type.Union([EntityId, Type.Null()]) }) },
      },
    },
    async (request) => {
      assertOperator(deps, bearer(request))
      return listHistory(deps, request.query.after ?? '')
    },
  )
  app.delete(
    '/v1/entities/:entity_id',
    {
      schema: {
        tags,
        security,
        summary: 'Expel a member, whose entity id stands percent-encoded in the path',
        params: Type.Object({ entity_id: EntityId }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      assertOperator(deps, bearer(request))
      await expelMember(deps, request.params.entity_id)
      return reply.code(204).send(null)
    },
  )
}

function distinct<Mark extends string>(marks: readonly Mark[]): readonly Mark[] {
  if (new Set(marks).size === marks.length) return marks
  throw new Problem(400, 'invalid-request', 'A trust mark is named twice')
}

function entityOf({ entity_id, name, entity_types, trust_marks, certificates, admitted_at }: KnownMember) {
  return {
    entity_id,
    name,
    entity_types: [...entity_types],
    trust_marks: [...trust_marks],
    certified_keys: Object.keys(certificates),
    admitted_at: admitted_at.toISOString(),
  }
}
