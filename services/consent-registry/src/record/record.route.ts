import { Problem } from '@samen/errors'
import { type App, languageOf, sendPage, wantsPage } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { Instant, RecordSchema, WalletLink } from '../json-schemas.ts'
import { beginBrowserSession, browserSecretOf } from '../presentation/browser-session.ts'
import { startPresentation } from '../presentation/start-presentation.ts'
import { openRecord } from './open-record.ts'
import { recordPage, signInPage, startPage } from './record-page.ts'

const Query = Type.Object({
  lang: Type.Optional(Type.String({ maxLength: 8 })),
  format: Type.Optional(Type.Literal('json')),
  since: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,15}$',
      description:
        'log.size of a record that was kept: the answer proves that its log is the beginning of the one of now',
    }),
  ),
})
const Begun = Type.Object({ authorization_request: WalletLink, expires_at: Instant })
const tags = ['guardians']

/** `POST /me/sessions` asks the wallet for which child, `GET /me/record` shows everything about that child. */
export function registerRecordRoutes(app: App, deps: Deps): void {
  app.post(
    '/me/sessions',
    {
      config: { errorStyle: 'page' },
      schema: {
        tags,
        summary: 'Look back: asks the wallet for which child',
        consumes: ['application/x-www-form-urlencoded'],
        body: Type.Optional(Type.Record(Type.String(), Type.String())),
        response: { 201: Begun },
      },
    },
    async (request, reply) => {
      const { authorizationRequest, expiresAt, browserSecret } = startPresentation(deps, { kind: 'record' })
      beginBrowserSession(deps, reply, 'record', browserSecret)
      if (wantsPage(request.headers)) return sendPage(reply, signInPage(languageOf(request), authorizationRequest))
      return reply.code(201).send({ authorization_request: authorizationRequest, expires_at: expiresAt.toISOString() })
    },
  )
  app.get('/me/sessions', { config: { errorStyle: 'page' }, schema: { hide: true } }, async (request, reply) =>
    reply.redirect(`record?lang=${languageOf(request)}`, 303),
  )
  app.get(
    '/me/record',
    {
      config: { errorStyle: 'page' },
      schema: {
        tags,
        summary: 'The record of one child, with its proofs',
        description:
          'Needs the cookie of a browser that began and confirmed: by the wallet’s redirect, or by the number that it shows.',
        querystring: Query,
        response: { 200: RecordSchema },
      },
    },
    async (request, reply) => {
      const asPage = wantsPage(request.headers) && request.query.format !== 'json'
      const since = request.query.since === undefined ? undefined : Number(request.query.since)
      const record = await openRecord(deps, browserSecretOf(deps, request, 'record'), since)
      reply.header('vary', 'accept, accept-language, cookie')
      if (record === undefined) {
        if (asPage) return sendPage(reply, startPage(languageOf(request)))
        throw new Problem(403, 'no-session', 'Begin in this browser with your wallet')
      }
      if (asPage) return sendPage(reply, recordPage(languageOf(request), record))
      return reply.send(record)
    },
  )
}
