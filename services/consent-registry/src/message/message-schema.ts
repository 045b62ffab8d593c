import { type TSchema, Type } from 'typebox'

const Refusal = Type.Object({ error: Type.String(), error_description: Type.String() })

/** The OpenAPI description of an endpoint that takes one kind of signed message and answers 201. */
export function messageSchema<Reply extends TSchema>(typ: string, summary: string, reply: Reply) {
  return {
    tags: ['messages between nodes'],
    summary,
    description: `The body is a compact JWS of type ${typ}, signed with the sender's federation key.`,
    consumes: ['application/jwt'],
    body: Type.String({ minLength: 1, maxLength: 65_536 }),
    response: { 201: reply, 400: Refusal, 403: Refusal, 409: Refusal, 429: Refusal, 503: Refusal },
  }
}
