import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import { SchoolParams, walletReplies } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { findSchool, refuseOtherMethods, walletRoute } from '../wallet-route.ts'
import { handOutNonce } from './hand-out-nonce.ts'

/** `POST /schools/{school}/nonce`, for anybody. VCI#nonce-endpoint */
export function registerNonceRoute(app: App, deps: Deps): void {
  const url = '/schools/:school/nonce'
  // A scope of its own, because here a body means nothing: a wallet may send none under whatever media type its library adds.
  void app.register(async (scope: App) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, async () => undefined)
    scope.post(
      url,
      {
        ...walletRoute('invalid_request'),
        schema: {
          tags: ['wallet'],
          summary: 'A nonce for the proofs of a credential request',
          params: SchoolParams,
          response: walletReplies(200, Type.Object({ c_nonce: Type.String({ examples: ['wKI4LT17ac15ES9bw8ac4Q'] }) })),
        },
      },
      async (request) => handOutNonce(deps, await findSchool(deps, request.params.school)),
    )
  })
  refuseOtherMethods(app, url, 'POST')
}
