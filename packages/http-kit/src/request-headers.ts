import { createHash } from 'node:crypto'
import { Problem } from '@samen/errors'
import { canonicalJson, type JsonValue } from '@samen/strict-json'
import type { FastifyRequest } from 'fastify'

/** The token of `Authorization: Bearer …`, or undefined when there is no well-formed one. */
export function bearer(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers
  if (authorization === undefined || authorization.length > 8_192) return undefined
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization)?.[1]
}

/**
 * The `Idempotency-Key` of a request (undefined when absent) and a hash of what makes it the same request: method, URL
 * and body. Throws a 400 problem for a key that is not 1 to 255 printable ASCII characters.
 */
export function idempotencyOf(request: FastifyRequest): { key: string | undefined; requestHash: Buffer } {
  const key = request.headers['idempotency-key']
  if (key !== undefined && (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key))) {
    throw new Problem(400, 'invalid-request', 'The Idempotency-Key does not have the required form')
  }
  const content = createHash('sha256').update(`${request.method}\n${request.url}\n`)
  const { body } = request
  if (Buffer.isBuffer(body)) content.update(body)
  else if (body !== undefined && body !== null) content.update(canonicalJson(body as JsonValue))
  return { key, requestHash: content.digest() }
}
