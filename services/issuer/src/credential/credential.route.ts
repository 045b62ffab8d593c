import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { assertJson, findSchool, onceAnswered, refuseOtherMethods, SchoolParams, walletRoute } from '../wallet-route.ts'
import { handOver, takeBack } from './hand-over.ts'
import { issueCredential } from './issue-credential.ts'

const CredentialResponse = Type.Object({
  credentials: Type.Array(Type.Object({ credential: Type.String() })),
  notification_id: Type.String(),
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
      onceAnswered(reply.raw, {
        sent: () => follow(handOver(deps, school, id)),
        lost: () => follow(takeBack(deps, school, id)),
      })
      return response
    },
  )
  refuseOtherMethods(app, url)
}
