import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { fastifyCookie } from '@fastify/cookie'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { notFound } from '@samen/errors'
import { defineShape } from '@samen/strict-json'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchemaCompiler,
  LogController,
} from 'fastify'
import type { DestinationStream } from 'pino'
import type { TSchema } from 'typebox'
import { admitRequests } from './admit-requests.ts'
import { closeConnectionsAtEnd } from './close-connections.ts'
import { InvalidRequest } from './invalid-request.ts'
import { createPino } from './logger.ts'
import { readForm, readJson, readText } from './read-body.ts'
import { type ErrorStyle, renderError } from './render-error.ts'
import { serveDocs } from './serve-docs.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How this route says no; `problem` when absent. */
    errorStyle?: ErrorStyle
    /** The protocol's code for a request without the required form; `invalid_request` when absent. */
    invalidRequestCode?: string
    /** `always` for what must answer under overload too. */
    admission?: 'always'
    /** The handler calls `idempotencyOf`; the OpenAPI document then shows the header. */
    takesIdempotencyKey?: boolean
  }
}

export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>

export type AppOptions = {
  readonly name: string
  readonly mode: 'development' | 'production'
  readonly logger: { readonly level: string; readonly stream?: DestinationStream }
  /** Requests at once; more are refused with 503. */
  readonly maxInFlight: number
  /** How long a request may take from its first byte to the answer; then it is 503. */
  readonly requestTimeoutMs: number
  readonly openapi: { readonly title: string; readonly description: string }
}

const BODY_LIMIT = 256 * 1_024
/** Kept-alive connections of a proxy are idle most of the time; beyond this many a new one is closed at once. */
const CONNECTIONS_PER_PLACE = 8
const RAW_TYPES = ['application/jwt', 'application/secevent+jwt', 'application/jose']

/**
 * A fastify app in which everything that is alike for all services is done once: strict bodies, validation without
 * coercion, errors, admission, deadlines, headers, logs, `GET /openapi.json` and `GET /docs`. The same for tests and
 * production. Bodies are at most 256 KiB unless a route sets `bodyLimit`.
 */
export function createApp(options: AppOptions): App {
  const app = Fastify({
    loggerInstance: createPino({ name: options.name, ...options.logger }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => randomBytes(9).toString('base64url'),
    bodyLimit: BODY_LIMIT,
    handlerTimeout: options.requestTimeoutMs,
    requestTimeout: Math.max(options.requestTimeoutMs, 10_000),
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: (_error, request, reply) => renderError(notFound(), request, reply) as never,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(compileValidator)
  app.setErrorHandler(renderError)
  app.setNotFoundHandler((request, reply) => renderError(notFound(), request, reply))
  addBodyParsers(app)
  // Its reader and writer of cookies (see session-cookie.ts) are loaded only when the plugin is.
  void app.register(fastifyCookie)
  app.addHook('onRequest', setSecurityHeaders(options.mode))
  admitRequests(app, { maxInFlight: options.maxInFlight, deadlineMs: options.requestTimeoutMs })
  app.addHook('preValidation', refuseUnreadable)
  app.addHook('onResponse', logRequest)
  closeConnectionsAtEnd(app)
  app.server.maxConnections = options.maxInFlight * CONNECTIONS_PER_PLACE
  serveDocs(app, options.openapi)
  return app
}

const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const shape = defineShape(schema)
  return (value: unknown) => {
    if (shape.is(value)) return { value }
    try {
      return { value: shape.read(value, (path) => new InvalidRequest(path)) }
    } catch (error) {
      return { error: error as Error }
    }
  }
}

function addBodyParsers(app: App): void {
  app.removeAllContentTypeParsers()
  const parsers: [string | string[], (body: Buffer) => unknown][] = [
    ['application/json', readJson],
    ['application/x-www-form-urlencoded', readForm],
    [RAW_TYPES, readText],
    ['application/zip', (body) => body],
  ]
  for (const [type, read] of parsers) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => read(body))
  }
}

function setSecurityHeaders(mode: AppOptions['mode']) {
  const headers = {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...(mode === 'production' && { 'strict-transport-security': 'max-age=31536000' }),
  }
  return async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.headers(headers)
  }
}

// One parameter with two values is read differently by different readers; here by none. And no database takes a NUL: what has one in its
// path is not there.
async function refuseUnreadable(request: FastifyRequest): Promise<void> {
  const values = Object.values(request.query as Record<string, unknown>)
  if (values.some((value) => typeof value !== 'string' || value.includes('\0'))) throw new InvalidRequest('')
  const places = Object.values(request.params as Record<string, unknown>)
  if (places.some((place) => String(place).includes('\0'))) throw notFound()
}

// The route's pattern, never the URL: ids and codes stand in URLs.
async function logRequest(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { method, routeOptions } = request
  const fields = {
    method,
    route: routeOptions.url ?? 'unknown',
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
  }
  if (routeOptions.config.admission === 'always') request.log.debug(fields, 'answered')
  else request.log.info(fields, 'answered')
}
