import t from 'tap'
import { readNotificationRequest } from './notification-request.ts'

t.test('a wallet reports one of three events', async (t) => {
  for (const event of ['credential_accepted', 'credential_failure', 'credential_deleted'])
    t.same(readNotificationRequest({ notification_id: 'n', event, x: 1 }), { notificationId: 'n', event })
})

t.test('what a wallet tells about the event is checked and dropped', async (t) => {
  const event = 'credential_failure'
  t.same(readNotificationRequest({ notification_id: 'n', event, event_description: 'Out of storage.' }), {
    notificationId: 'n',
    event,
  })
})

t.test('anything else is invalid_notification_request', async (t) => {
  for (const body of [
    null,
    {},
    { notification_id: 'n' },
    { event: 'credential_accepted' },
    { notification_id: 'n', event: 'Credential_Accepted' },
    { notification_id: 'n', event: 'credential_lost' },
    { notification_id: 7, event: 'credential_accepted' },
    { notification_id: 'n', event: 'credential_failure', event_description: 'a "quoted" text' },
    { notification_id: 'n', event: 'credential_failure', event_description: 'geen ruimte: één' },
  ])
    t.throws(() => readNotificationRequest(body), { status: 400, code: 'invalid_notification_request' })
})
