import { type TProperties, type TSchema, Type } from 'typebox'

/** Parts that the schemas of several routes share. */
export const SchoolSlug = Type.String({
  maxLength: 63,
  description: 'last part of its address',
  examples: ['de-waterlelie'],
})
export const SchoolParams = Type.Object({ school: SchoolSlug })
export const SchoolAndIdParams = Type.Object({ school: SchoolSlug, id: Type.String({ maxLength: 64 }) })
export const Id = Type.String({ examples: ['qPmxiNFCR3QTm19POc8u1A'] })

/** An instant, as it is answered. */
export const time = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-11-24T09:15:00.000Z'] })
/** A day without a time. */
export const calendarDate = (description: string, example = '2027-07-31') =>
  Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description, examples: [example] })

/** A body in which an unknown member is refused: a misspelt option must not be ignored. */
export const closed = <Properties extends TProperties>(properties: Properties, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** A body whose rules the package of its specification knows; here it is only described. */
export const described = (description: string, example: unknown) => Type.Unknown({ description, examples: [example] })

/** RFC9457#section-3.1. What every route of the management API answers when it says no. */
const Problem = Type.Object({
  type: Type.String({ examples: ['urn:samen:problem:not-found'] }),
  title: Type.String({ examples: ['There is nothing here'] }),
  status: Type.Integer({ examples: [404] }),
  detail: Type.Optional(Type.String()),
})

/** RFC6749#section-5.2. What every endpoint for wallets answers when it says no. */
const ProtocolRefusal = Type.Object({
  error: Type.String({ examples: ['invalid_grant'] }),
  error_description: Type.Optional(
    Type.String({ examples: ['the code or the transaction code is not valid, or not any more'] }),
  ),
})

type Answers<Status extends number, Reply> = { readonly [code in Status]: Reply }

/** The answers of a route of the management API: the one that says yes, with its status, and each problem that it has. */
export const replies = <Status extends number, Reply extends TSchema>(
  status: Status,
  reply: Reply,
  ...problems: number[]
) => answers(status, reply, Problem, [401, 403, 404, ...problems])

/** The same for the operator, to whom nothing is foreign. */
export const operatorReplies = <Status extends number, Reply extends TSchema>(
  status: Status,
  reply: Reply,
  ...problems: number[]
) => answers(status, reply, Problem, [401, ...problems])

/** The same for an endpoint of wallets. */
export const walletReplies = <Status extends number, Reply extends TSchema>(
  status: Status,
  reply: Reply,
  ...refusals: number[]
) => answers(status, reply, ProtocolRefusal, [400, ...refusals])

function answers<Status extends number, Reply extends TSchema>(
  status: Status,
  reply: Reply,
  refusal: TSchema,
  codes: readonly number[],
): Answers<Status, Reply> {
  return { [status]: reply, ...Object.fromEntries(codes.map((code) => [code, refusal])) } as Answers<Status, Reply>
}

/** Who may call a route, for `schema.security`. */
export const BY_SCHOOL = [{ apiKey: [] }]
export const BY_OPERATOR = [{ operatorKey: [] }]
export const BY_WALLET = [{ dpop: [] }]
