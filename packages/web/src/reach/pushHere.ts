import { around } from '../text/around.ts'

/** The one script that this page may start beside its own, and the one policy of Trusted Types that lets it. */
const WORKER = '/push-worker.js'
const POLICY = 'countersign-push-worker'

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string }
}

function workerUrl(): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined) return WORKER
  const policy = trustedTypes.createPolicy(POLICY, {
    createScriptURL: (url) => {
      if (url !== WORKER) throw new TypeError('This page starts one worker only.')
      return url
    },
  })
  return policy.createScriptURL(WORKER)
}

/** Whether this browser can be told anything while no page is open. */
export function canPush(): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window
}

/**
 * Asks for permission and subscribes this browser. Only after a press of a button: browsers refuse it otherwise.
 *
 * @param publicKey - The server's, base64url.
 */
export async function subscribeHere(publicKey: string): Promise<PushSubscriptionJSON> {
  if ((await Notification.requestPermission()) !== 'granted') throw new PushRefusedError(around().reach.pushDenied)
  const registration = await navigator.serviceWorker.register(workerUrl(), { scope: '/' })
  await navigator.serviceWorker.ready
  try {
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: publicKey,
    })
    return subscription.toJSON()
  } catch (error) {
    const why = error instanceof Error ? ` ${around().reach.pushWhy(error.message)}` : ''
    throw new PushRefusedError(`${around().reach.pushFailed}${why}`)
  }
}

/** The browser said no: nothing of it is the server's doing. */
export class PushRefusedError extends Error {
  override readonly name = 'web.PushRefusedError'
}
