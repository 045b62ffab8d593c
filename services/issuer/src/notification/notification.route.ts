import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import { BY_WALLET, described, SchoolParams, walletReplies } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { protectedRoute, refuseOtherMethods } from '../wallet-route.ts'
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
        tags: ['wallet'],
        security: BY_WALLET,
        summary: 'What a wallet did with its copies',
        params: SchoolParams,
        body: described('a notification; copies that a wallet could not keep are revoked', {
          notification_id: 'SplxlOBeZQQYbYS6WxSbIA',
          event: 'credential_accepted',
        }),
        response: walletReplies(204, Type.Null(), 401),
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
