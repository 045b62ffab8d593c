import { type TProperties, type TSchema, Type } from 'typebox'

/** Parts that the management API's schemas share. Unknown members of a body are refused: a misspelt option must not be ignored. */
export const Id = Type.String({ pattern: '^[A-Za-z0-9_-]{22}$', examples: ['qPmxiNFCR3QTm19POc8u1A'] })
export const Slug = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$', examples: ['rekenrijk'] })
export const AppParams = Type.Object({ app: Type.String({ maxLength: 63 }) })
export const AppAndIdParams = Type.Object({
  app: Type.String({ maxLength: 63 }),
  id: Type.String({ minLength: 1, maxLength: 100 }),
})
export const EntityId = Type.String({
  minLength: 8,
  maxLength: 512,
  examples: ['https://issuer.example/schools/de-waterkant'],
})

/** A body in which an unknown member is refused. */
export const closed = <Properties extends TProperties>(properties: Properties, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** Who may call a route, for `schema.security`. */
export const BY_APP = [{ apiKey: [] }]
export const BY_OPERATOR = [{ operatorKey: [] }]

/** RFC9457#section-3.1. What every route of the management API answers when it says no. */
const Problem = Type.Object(
  {
    type: Type.String({ examples: ['urn:samen:problem:not-found'] }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
  },
  { description: 'application/problem+json' },
)

/** The answer of a route when it says yes, and its problems by status. */
export function replies<Status extends number, Reply extends TSchema>(
  status: Status,
  reply: Reply,
  ...problems: number[]
) {
  const named = Object.fromEntries([401, 404, ...problems].map((code) => [code, Problem]))
  return { [status]: reply, ...named } as { readonly [code in Status]: Reply }
}
