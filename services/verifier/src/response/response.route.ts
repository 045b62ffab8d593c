import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { assertForm, tenantOf } from '../request/wallet-call.ts'
import { acceptResponse } from './accept-response.ts'

const RETURN = 'https://verifier.example/presentations/rekenrijk.qPmxiNFCR3QTm19POc8u1A/returns/mVb1kQ0oYx2rT7sLw9aZcA'

/** The response URI, VP#direct_post_jwt: 200 with a JSON object for answers and for errors of wallets, 4xx for what we refuse. */
export function registerResponseRoutes(app: App, deps: Deps): void {
  app.post(
    '/apps/:slug/responses/:id',
    {
      config: { errorStyle: 'protocol' },
      bodyLimit: 393_216,
      schema: {
        tags: ['wallets'],
        summary: 'Encrypted answer of a wallet, or its error',
        consumes: ['application/x-www-form-urlencoded'],
        params: Type.Object({
          slug: Type.String({ maxLength: 63 }),
          id: Type.String({ minLength: 1, maxLength: 64 }),
        }),
        body: Type.Record(Type.String(), Type.String()),
        response: { 200: Type.Object({ redirect_uri: Type.String({ examples: [RETURN] }) }) },
      },
    },
    async ({ params, body, headers }) => {
      assertForm(headers['content-type'], body)
      const tenant = await tenantOf(deps, params.slug)
      return acceptResponse(deps, tenant, params.id, body)
    },
  )
}
