import { ProtocolError } from '@samen/errors'
import { defineShape } from '@samen/strict-json'
import { Type } from 'typebox'

/** VCI#notification */
export type NotificationEvent = 'credential_accepted' | 'credential_failure' | 'credential_deleted'

const NotificationRequestShape = defineShape(
  Type.Object({
    notification_id: Type.String({ minLength: 1, maxLength: 255 }),
    event: Type.Union([
      Type.Literal('credential_accepted'),
      Type.Literal('credential_failure'),
      Type.Literal('credential_deleted'),
    ]),
    // VCI#notification: ASCII without quote and backslash. Checked and dropped: free text may hold a name.
    event_description: Type.Optional(
      Type.String({ maxLength: 1_000, pattern: '^[\\x20-\\x21\\x23-\\x5B\\x5D-\\x7E]*$' }),
    ),
  }),
)

/** Reads the parsed body of a notification; unknown members are ignored. Throws ProtocolError 400 `invalid_notification_request`. VCI#notification-endpoint */
export function readNotificationRequest(body: unknown): {
  readonly notificationId: string
  readonly event: NotificationEvent
} {
  const request = NotificationRequestShape.read(
    body,
    () => new ProtocolError(400, 'invalid_notification_request', 'the notification is malformed'),
  )
  return { notificationId: request.notification_id, event: request.event }
}
