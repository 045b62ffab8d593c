import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import { BY_WALLET, described, SchoolParams, walletReplies } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { onceAnswered, protectedRoute, refuseOtherMethods } from '../wallet-route.ts'
import { handOver, takeBack } from './hand-over.ts'
import { issueCredential } from './issue-credential.ts'

const CredentialResponse = Type.Object({
  credentials: Type.Array(
    Type.Object({ credential: Type.String({ examples: ['eyJ0eXAiOiJkYytzZC1qd3QiLCJhbGciOiJFUzI1NiJ9.…~…~'] }) }),
  ),
  notification_id: Type.String({ examples: ['SplxlOBeZQQYbYS6WxSbIA'] }),
})

/** `POST /schools/{school}/credential`. VCI#credential-endpoint */
export function registerCredentialRoute(app: App, deps: Deps): void {
  const url = '/schools/:school/credential'
  // What follows an answer ends before the database is closed.
  const following = new Set<Promise<void>>()
  const follow = (work: Promise<void>): void => {
    following.add(work)
    void work.finally(() => following.delete(work))
  }
  app.addHook('onClose', async () => {
    await Promise.all(following)
  })
  const { options, read } = protectedRoute(deps, 'credential', 'invalid_credential_request')
  app.post(
    url,
    {
      ...options,
      schema: {
        tags: ['wallet'],
        security: BY_WALLET,
        summary: 'Issue one copy for each proved key',
        params: SchoolParams,
        body: described('a credential request, by configuration or by identifier', {
          credential_configuration_id: 'pupil',
          proofs: { jwt: ['eyJ0eXAiOiJvcGVuaWQ0dmNpLXByb29mK2p3dCIsImFsZyI6IkVTMjU2In0.…'] },
        }),
        response: walletReplies(200, CredentialResponse, 401, 403, 503),
      },
    },
    async (request, reply) => {
      const { school, wallet, body } = read(request)
      const { id, response } = await issueCredential(deps, school, wallet, body)
      // A wallet that hung up before the end has no copies, so nobody may have any.
      onceAnswered(reply.raw, {
        sent: () => follow(handOver(deps, school, id)),
        lost: () => follow(takeBack(deps, school, id)),
      })
      return response
    },
  )
  refuseOtherMethods(app, url, 'POST')
}
