import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { protectedRoute, refuseOtherMethods, SchoolParams } from '../wallet-route.ts'
import { receiveNotification } from './receive-notification.ts'

/** `POST /schools/{school}/notification`. VCI#notification-endpoint */
export function registerNotificationRoute(app: App, deps: Deps): void {
  const url = '/schools/:school/notification'
  const { options, read } = protectedRoute(deps, 'notification', 'invalid_notification_request')
  app.post(
    url,
    {
      ...options,
      schema: {
        params: SchoolParams,
        response: { 204: Type.Null() },
        tags: ['wallet'],
        summary: 'What a wallet did with its copies',
      },
    },
    async (request, reply) => {
      const { school, wallet, body } = read(request)
      await receiveNotification(deps, school, wallet, body)
      return reply.code(204).send(null)
    },
  )
  refuseOtherMethods(app, url, 'POST')
}
