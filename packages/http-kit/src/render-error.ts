import { notFound, Problem, ProtocolError } from '@samen/errors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Overloaded } from './admit-requests.ts'
import { InvalidRequest } from './invalid-request.ts'
import { languageOf } from './language.ts'
import { errorPage, sendPage } from './page.ts'

/** How a route says no: in its protocol's words, as a problem document, or as a page for people. */
export type ErrorStyle = 'protocol' | 'problem' | 'page'

/**
 * The one place where an error becomes an answer. Refusals keep their status, code and headers; a database that is away
 * is 503 however deep it hides, never a 4xx; anything unknown is a bare 500. No text of an error other than the
 * constant ones reaches the answer. RFC6749#section-5.2, RFC9457#section-3.
 */
export function renderError(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const refusal = toRefusal(
    error,
    styleOf(request),
    request.routeOptions.config?.invalidRequestCode ?? 'invalid_request',
  )
  if (refusal.status >= 500 && refusal.status !== 503) request.log.error({ err: error }, 'failed')
  else request.log.debug({ err: error, status: refusal.status }, 'refused')
  reply.code(refusal.status).headers(refusal.headers)
  if (styleOf(request) === 'page') return sendPage(reply, errorPage(languageOf(request), refusal.status))
  if (refusal instanceof ProtocolError) {
    const body = { error: refusal.code, error_description: refusal.description }
    return reply.type('application/json').send(toBytes(body))
  }
  return reply.type('application/problem+json').send(toBytes(problemDocument(refusal)))
}

// To a text fastify would add a character set, which these media types do not have.
function toBytes(body: object): Buffer {
  return Buffer.from(JSON.stringify(body))
}

/** RFC9457#section-3.1. The extensions come first, so that they cannot replace a standard member. */
function problemDocument({ extensions, type, title, status, detail }: Problem): object {
  return { ...extensions, type, title, status, ...(detail !== undefined && { detail }) }
}

function styleOf(request: FastifyRequest): ErrorStyle {
  return request.routeOptions.config?.errorStyle ?? 'problem'
}

type Refusal = ProtocolError | Problem

function toRefusal(error: unknown, style: ErrorStyle, invalidCode: string): Refusal {
  const retryAfter = retryAfterOf(error)
  if (retryAfter !== undefined) return unavailable(style, retryAfter)
  if (error instanceof Overloaded) return unavailable(style, 1)
  if (error instanceof ProtocolError || error instanceof Problem) return error
  if (error instanceof InvalidRequest) return invalid(style, 400, invalidCode, error.path)
  const status = statusOf(error)
  if (status === 404) return notFound()
  if (status !== undefined && status >= 400 && status < 500) return invalid(style, status, invalidCode, '')
  if (status === 503) return unavailable(style, 1)
  if (style === 'protocol') return new ProtocolError(500, 'server_error', 'something went wrong here')
  return new Problem(500, 'server-error', 'Something went wrong here')
}

/** Where the database is away, whatever the error around it says: a wallet must not take it for a refusal. */
function retryAfterOf(error: unknown): number | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 8; each = each.cause, depth++) {
    if (each.name === 'DatabaseUnavailable') return 1
  }
  return undefined
}

function unavailable(style: ErrorStyle, retryAfterSeconds: number): Refusal {
  const headers = { 'retry-after': String(retryAfterSeconds) }
  if (style === 'protocol') return new ProtocolError(503, 'temporarily_unavailable', 'try again later', { headers })
  return new Problem(503, 'temporarily-unavailable', 'Try again later', { headers })
}

function invalid(style: ErrorStyle, status: number, code: string, path: string): Refusal {
  if (style === 'protocol') return new ProtocolError(status, code, 'the request does not have the required form')
  const detail = path === '' ? {} : { detail: `see ${path}` }
  return new Problem(status, 'invalid-request', 'The request does not have the required form', detail)
}

// fastify's own refusals: too large, unknown media type, bad content length, over the deadline.
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return undefined
  const own = typeof error.code === 'string' && error.code.startsWith('FST_')
  return own && typeof error.statusCode === 'number' ? error.statusCode : undefined
}
