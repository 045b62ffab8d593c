import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { onceAnswered, protectedRoute, refuseOtherMethods, SchoolParams } from '../wallet-route.ts'
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
  const { options, read } = protectedRoute(deps, 'credential', 'invalid_credential_request')
  app.post(
    url,
    {
      ...options,
      schema: {
        params: SchoolParams,
        response: { 200: CredentialResponse },
        tags: ['wallet'],
        summary: 'Issue credentials',
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
