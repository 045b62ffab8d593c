import { fastifySwagger } from '@fastify/swagger'
import { html } from 'ghtml'
import type { App } from './create-app.ts'
import { languageOf } from './language.ts'
import { page, sendPage } from './page.ts'

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

/**
 * Collects the schemas of all routes and serves them as `GET /openapi.json` and, for people, as `GET /docs`. Must come
 * before the first route.
 */
export function serveDocs(app: App, { title, description }: { title: string; description: string }): void {
  // Called, not registered: a registered plugin would be loaded after the routes and would not see them.
  const openapi = { openapi: '3.1.0', info: { title, description, version: '1' } } as const
  fastifySwagger(app as never, { openapi }, () => undefined)
  const hidden = { schema: { hide: true } }
  app.get('/openapi.json', hidden, async (_request, reply) => {
    return reply.type('application/json').send(JSON.stringify(openApiOf(app), null, 2))
  })
  app.get('/docs', { ...hidden, config: { errorStyle: 'page' } }, async (request, reply) => {
    const document = openApiOf(app)
    return sendPage(reply, page({ lang: languageOf(request), title: document.info.title, body: describe(document) }))
  })
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
