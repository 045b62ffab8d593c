import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { assertJson, findSchool, refuseOtherMethods, SchoolParams, walletRoute } from '../wallet-route.ts'
import { receiveNotification } from './receive-notification.ts'

/** `POST /schools/{school}/notification`. VCI#notification-endpoint */
export function registerNotificationRoute(app: App, deps: Deps): void {
  const url = '/schools/:school/notification'
  app.post(
    url,
    {
      ...walletRoute('invalid_notification_request'),
      schema: {
        params: SchoolParams,
        response: { 204: Type.Null() },
        tags: ['wallet'],
        summary: 'What a wallet did with its copies',
      },
    },
    async (request, reply) => {
      const school = await findSchool(deps, request.params.school)
      const { authorization, dpop } = request.headers
      const wallet = { authorization, dpop, endpoint: 'notification' } as const
      await receiveNotification(deps, school, wallet, () => assertJson(request, 'invalid_notification_request'))
      return reply.code(204).send(null)
    },
  )
  refuseOtherMethods(app, url)
}
