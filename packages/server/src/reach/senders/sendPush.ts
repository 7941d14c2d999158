import type { Sent } from '../../outbox/Outbox.ts'
import type { PushSettings } from '../ReachSettings.ts'
import { authorization, encrypt, isService, parseSubscription, type VapidKey } from '../WebPush.ts'
import type { Post } from './Post.ts'

/** How long a push service keeps a message for a browser that is not there. Seconds. */
const KEEP_S = 4 * 3_600

/** Sends an encrypted message to a browser (RFC 8030, 8291, 8292). `isGone`: the browser ended its subscription. */
export async function sendPush(
  { settings, key, post, nowMs }: { settings: PushSettings; key: VapidKey; post: Post; nowMs: number },
  { id, target, text }: { id: string; target: string; text: string },
): Promise<Sent & { readonly isGone?: true }> {
  const subscription = parseSubscription(target)
  if (subscription === null || !isService(subscription.endpoint, settings.origins))
    return { status: 'failed', because: 'push:service:unknown', isFinal: true }
  const { endpoint } = subscription
  const answer = await post({
    url: endpoint,
    headers: {
      'content-type': 'application/octet-stream',
      'content-encoding': 'aes128gcm',
      ttl: String(KEEP_S),
      urgency: 'high',
      // At most 32 characters of base64url: sent again, it takes the place of the first.
      topic: id.replace('evt_', '').slice(0, 32),
      authorization: authorization(key, { endpoint, contact: settings.contact, nowMs }),
    },
    body: encrypt(text, subscription),
    isOwn: settings.origins.includes(new URL(endpoint).origin),
  })
  if (answer === null) return { status: 'failed', because: 'push:unreachable' }
  if (answer.status >= 200 && answer.status < 300) return { status: 'sent' }
  const because = `push:status:${answer.status}`
  if (answer.status === 404 || answer.status === 410) return { status: 'failed', because, isFinal: true, isGone: true }
  return { status: 'failed', because }
}
