import { type App, assertMediaType, languageOf, sendPage, wantsPage } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { browserSecretOf, browserSecretsOf } from './browser-session.ts'
import { confirmByNumber, returnFromWallet } from './confirm-presentation.ts'
import { declinedPage, elsewherePage, numberPage } from './pairing-page.ts'
import { describeOutcome, pageOf } from './show-outcome.ts'

const Kind = Type.Union([Type.Literal('decision'), Type.Literal('record')])
const KindParams = Type.Object({ kind: Kind })
const CodeParams = Type.Object({ code: Type.String({ maxLength: 64 }) })
const Query = Type.Object({ lang: Type.Optional(Type.String({ maxLength: 8 })) })
const Form = Type.Object({ number: Type.String({ minLength: 1, maxLength: 16, examples: ['123 456'] }) })
const Shown = Type.Object({
  result: Type.String({
    description: 'decided, not-decided, record, wallet-declined, done or pairing-required',
    examples: ['decided'],
  }),
  handle: Type.Optional(Type.String()),
  decision: Type.Optional(Type.String()),
  state: Type.Optional(Type.String()),
  effective_at: Type.Optional(Type.String()),
  delete_by: Type.Optional(Type.String()),
  still_given: Type.Optional(
    Type.Array(Type.String(), {
      description:
        'after a withdrawal: handles of other requests of this app for the same purpose and child to which this person said yes as well, and which still stand',
    }),
  ),
  reason: Type.Optional(Type.String({ description: 'why the decision has no effect' })),
  pairing_number: Type.Optional(Type.String()),
})
const tags = ['guardians']
const config = { errorStyle: 'page' } as const
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** The way back from a wallet: `GET /vp/returns/{code}`. */
export function registerReturnRoute(app: App, deps: Deps): void {
  app.get('/vp/returns/declined', { config, schema: { hide: true, querystring: Query } }, async (request, reply) => {
    if (wantsPage(request.headers)) return sendPage(reply, declinedPage(languageOf(request)))
    return reply.send({ result: 'wallet-declined' })
  })
  app.get(
    '/vp/returns/:code',
    {
      // A HEAD would confirm and show nothing.
      exposeHeadRoute: false,
      config,
      schema: {
        tags,
        summary: 'Where the wallet sends its browser',
        description:
          'In the browser that began, the answer takes effect. In any other it has none: it shows what the answer would mean, and the number to type in the browser that began.',
        params: CodeParams,
        querystring: Query,
        response: { 200: Shown, 403: Shown },
      },
    },
    async (request, reply) => {
      const returned = await returnFromWallet(deps, request.params.code, browserSecretsOf(deps, request))
      const lang = languageOf(request)
      const asPage = wantsPage(request.headers)
      if ('outcome' in returned) {
        if (asPage) return reply.redirect(`../../${pageOf(returned, lang)}`, 303)
        const { status, body } = describeOutcome(returned)
        return reply.code(status).send(body)
      }
      if (asPage) return sendPage(reply, elsewherePage(lang, returned))
      return reply.send({ result: 'pairing-required', pairing_number: returned.number })
    },
  )
}

/** For a wallet on another device than the page: `GET|POST /vp/pairing/{kind}`. */
export function registerPairingRoutes(app: App, deps: Deps): void {
  app.get(
    '/vp/pairing/:kind',
    { config, schema: { hide: true, params: KindParams, querystring: Query } },
    async (request, reply) => sendPage(reply, numberPage(languageOf(request), request.params.kind, 'not-typed')),
  )
  app.post(
    '/vp/pairing/:kind',
    {
      config,
      schema: {
        tags,
        summary: 'Type the number that the other device shows',
        description:
          'Confirms in the browser that began. Five tries; the answer says nothing about why a number did not fit.',
        consumes: [FORM_TYPE],
        params: KindParams,
        querystring: Query,
        body: Form,
        response: { 200: Shown, 403: Shown },
      },
    },
    async (request, reply) => {
      assertMediaType(request.headers, FORM_TYPE)
      const { kind } = request.params
      const lang = languageOf(request)
      const secret = browserSecretOf(deps, request, kind)
      const confirmed = secret && (await confirmByNumber(deps, kind, secret, request.body.number))
      const asPage = wantsPage(request.headers)
      if (!confirmed) {
        if (asPage) return sendPage(reply.code(403), numberPage(lang, kind, 'wrong'))
        return reply.code(403).send({ result: 'pairing-required' })
      }
      if (asPage) return reply.redirect(`../../${pageOf(confirmed, lang)}`, 303)
      const { status, body } = describeOutcome(confirmed)
      return reply.code(status).send(body)
    },
  )
}
