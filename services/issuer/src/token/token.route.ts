import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { assertForm, findSchool, refuseOtherMethods, SchoolParams, walletRoute } from '../wallet-route.ts'
import { redeemCode } from './redeem-code.ts'

const TokenResponse = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal('DPoP'),
  expires_in: Type.Integer(),
  authorization_details: Type.Optional(Type.Array(Type.Object({}, { additionalProperties: true }))),
})

/** `POST /schools/{school}/token`. VCI#token-endpoint */
export function registerTokenRoute(app: App, deps: Deps): void {
  const url = '/schools/:school/token'
  app.post(
    url,
    {
      ...walletRoute('invalid_request'),
      schema: {
        params: SchoolParams,
        response: { 200: TokenResponse },
        tags: ['wallet'],
        summary: 'Exchange the code of an offer',
      },
    },
    async (request) => {
      const form = assertForm(request)
      const school = await findSchool(deps, request.params.school)
      const { authorization, dpop } = request.headers
      return redeemCode(deps, school, { authorization, dpop, endpoint: 'token' }, form)
    },
  )
  refuseOtherMethods(app, url, 'POST')
}
