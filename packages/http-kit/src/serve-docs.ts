import { fastifySwagger } from '@fastify/swagger'
import type { RouteOptions } from 'fastify'
import { html } from 'ghtml'
import type { App } from './create-app.ts'
import { languageOf } from './language.ts'
import { page, sendPage } from './page.ts'
import type { ErrorStyle } from './render-error.ts'

type Operation = {
  readonly summary?: string
  readonly description?: string
  readonly requestBody?: unknown
  readonly responses?: object
}
type Document = {
  readonly info: { title: string; description: string }
  readonly paths: Record<string, Record<string, Operation>>
}

/** How callers prove who they are; a route names the one that it asks for in `schema.security`. */
const SECURITY_SCHEMES = {
  operatorKey: { type: 'http', scheme: 'bearer', description: 'The key of the operator of this node, from its file' },
  apiKey: { type: 'http', scheme: 'bearer', description: 'A key of one tenant, which also says which tenant it is' },
  dpop: { type: 'http', scheme: 'DPoP', description: 'An access token bound to a key of the wallet (RFC 9449)' },
} as const

/** What an answer means where the route says nothing more exact. */
const MEANINGS: Readonly<Record<string, string>> = {
  200: 'The answer',
  201: 'Made',
  202: 'Taken',
  204: 'Done',
  303: 'Elsewhere',
  400: 'Refused for what the request says, or does not say',
  401: 'The key, token or proof is missing or wrong',
  403: 'Not allowed',
  404: 'Unknown, or of somebody else',
  409: 'It contradicts what is there',
  415: 'The body is of another media type',
  422: 'It has the form but cannot be done',
  429: 'Too many; come back after Retry-After',
  503: 'Not possible now; come back after Retry-After',
}

/** For the document only: `idempotencyOf` reads and checks the header itself, no validator of fastify does. */
const IDEMPOTENCY_HEADERS = {
  type: 'object',
  properties: {
    'Idempotency-Key': {
      type: 'string',
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description:
        'Chosen by the caller, new for each thing wanted: for 24 hours the same request with the same key gives the answer of the first and does nothing again. With the key of another request: 422 `idempotency-key-reused`. Without: each request counts.',
      examples: ['8e03978e-40d5-43dd-bc93-6894a57f9324'],
    },
  },
}

const NO: Readonly<Record<ErrorStyle, string>> = {
  problem: 'No, as a problem document: `type` for programs, `title` and `detail` for people (RFC 9457)',
  protocol:
    'No, with `error` and `error_description` of the specification; what does not exist, as a problem document (RFC 9457)',
  page: 'No, as a page that says what to do',
}

/**
 * Collects the schemas of all routes and serves them as `GET /openapi.json` and, for people, as `GET /docs`. Must come
 * before the first route.
 */
export function serveDocs(app: App, { title, description }: { title: string; description: string }): void {
  // Called, not registered: a registered plugin would be loaded after the routes and would not see them.
  const info = { title, description, version: '1' }
  const openapi = { openapi: '3.1.0', info, components: { securitySchemes: SECURITY_SCHEMES } } as const
  fastifySwagger(app as never, { openapi, transform: describeRoute as never }, () => undefined)
  const hidden = { schema: { hide: true } }
  app.get('/openapi.json', hidden, async (_request, reply) => {
    return reply.type('application/json').send(JSON.stringify(openApiOf(app), null, 2))
  })
  app.get('/docs', { ...hidden, config: { errorStyle: 'page' } }, async (request, reply) => {
    const document = openApiOf(app)
    return sendPage(reply, page({ lang: languageOf(request), title: document.info.title, body: describe(document) }))
  })
}

type Answers = Readonly<Record<string, { readonly description?: string }>>
type Described = {
  schema?: { response?: Answers; produces?: string[] }
  url: string
  route: RouteOptions
}

/** Every answer says what it means, and every route that it can say no and how. */
function describeRoute({ schema, url, route }: Described) {
  const answers = Object.entries(schema?.response ?? {}).map(([status, answer]) => [
    status,
    { ...answer, description: answer.description ?? MEANINGS[status] },
  ])
  const bare = answers.length === 0 ? [['200', { description: MEANINGS['200'] }]] : answers
  const style = route.config?.errorStyle ?? 'problem'
  const isPage = style === 'page' && answers.length === 0 && schema?.produces === undefined
  const response = { ...Object.fromEntries(bare), default: { description: NO[style] } }
  const headers = route.config?.takesIdempotencyKey ? { headers: IDEMPOTENCY_HEADERS } : {}
  return { schema: { ...schema, ...headers, ...(isPage && { produces: ['text/html'] }), response }, url }
}

/** The OpenAPI document of an app that is ready. */
export function openApiOf(app: App): Document {
  return (app as unknown as { swagger: () => Document }).swagger()
}

function describe({ info, paths }: Document): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      describeOperation(`${method.toUpperCase()} ${path}`, operation),
    ),
  )
  return html`<p>${info.description}</p><p><a href="/openapi.json">openapi.json</a></p>!${operations.join('')}`
}

function describeOperation(name: string, { summary, description, requestBody, responses }: Operation): string {
  const answers = Object.keys(responses ?? {}).join(', ')
  const body =
    requestBody === undefined
      ? ''
      : html`<details><summary>body</summary><pre><code>${show(requestBody)}</code></pre></details>`
  return html`<section class="card" lang="en"><h2><code>${name}</code></h2>
<p>${summary ?? ''}</p><p class="soft">${description ?? ''}</p>!${body}
<details><summary>answers ${answers}</summary><pre><code>${show(responses)}</code></pre></details></section>`
}

function show(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? ''
}
