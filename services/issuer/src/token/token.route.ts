import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import { described, SchoolParams, walletReplies } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { assertForm, findSchool, refuseOtherMethods, walletRoute } from '../wallet-route.ts'
import { redeemCode } from './redeem-code.ts'

const TokenResponse = Type.Object({
  access_token: Type.String({ examples: ['pXbT3v…'] }),
  token_type: Type.Literal('DPoP'),
  expires_in: Type.Integer({ examples: [600] }),
  authorization_details: Type.Optional(
    Type.Array(Type.Object({}, { additionalProperties: true }), {
      description: 'when the request narrowed the token: the identifiers to ask by',
      examples: [
        [
          {
            type: 'openid_credential',
            credential_configuration_id: 'pupil',
            credential_identifiers: ['pupil.1'],
          },
        ],
      ],
    }),
  ),
})

/** `POST /schools/{school}/token`. VCI#token-endpoint */
export function registerTokenRoute(app: App, deps: Deps): void {
  const url = '/schools/:school/token'
  app.post(
    url,
    {
      ...walletRoute('invalid_request'),
      schema: {
        tags: ['wallet'],
        summary: 'Exchange the code of an offer for an access token, with a DPoP proof',
        params: SchoolParams,
        consumes: ['application/x-www-form-urlencoded'],
        body: described('a token request of the pre-authorized code flow', {
          grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
          'pre-authorized_code': 'oaKazRN8I0IbtZ0C7JuMn5Vbt9bRgTZpSXPzD3P2',
          tx_code: '493536',
        }),
        response: walletReplies(200, TokenResponse, 429, 503),
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
