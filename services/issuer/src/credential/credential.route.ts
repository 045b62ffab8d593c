import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { assertJson, findSchool, refuseOtherMethods, SchoolParams, walletRoute, whenLost } from '../wallet-route.ts'
import { issueCredential } from './issue-credential.ts'
import { revokeLost } from './revoke-credential.ts'

const CredentialResponse = Type.Object({
  credentials: Type.Array(Type.Object({ credential: Type.String() })),
  notification_id: Type.String(),
})

/** `POST /schools/{school}/credential`. VCI#credential-endpoint */
export function registerCredentialRoute(app: App, deps: Deps): void {
  const url = '/schools/:school/credential'
  app.post(
    url,
    {
      ...walletRoute('invalid_credential_request'),
      schema: {
        params: SchoolParams,
        response: { 200: CredentialResponse },
        tags: ['wallet'],
        summary: 'Issue credentials',
      },
    },
    async (request, reply) => {
      const school = await findSchool(deps, request.params.school)
      const { authorization, dpop } = request.headers
      const wallet = { authorization, dpop, endpoint: 'credential' } as const
      const { id, response } = await issueCredential(deps, school, wallet, () =>
        assertJson(request, 'invalid_credential_request'),
      )
      // A wallet that hung up before the end has no copies, so nobody may have any.
      whenLost(reply.raw, () => revokeLost(deps, school, id))
      return response
    },
  )
  refuseOtherMethods(app, url)
}
