/** What a frame in another page is. */
import { redeemCode } from '@countersign/sdk'

/** The app of this page: of its frame, `default` everywhere else. */
export function appIn(path: string): string {
  return /^\/embed\/([\w-]{1,64})\/?$/.exec(path)?.[1] ?? 'default'
}

/** Whether this page stands inside of another one, where links open beside it. */
export const isFramed = (): boolean => window.parent !== window

/** The session that the host's server began for this frame; in memory only. */
export interface FrameSession {
  readonly sessionId: string
  readonly token: string
}
let session: FrameSession | null = null
export const frameSession = (): FrameSession | null => session

/**
 * Takes what the host page handed over, out of the address before anything else: a look, and the one-time code of a session.
 *
 * @throws {CountersignError} where the code is not good, or no more.
 */
export async function enterFrame(): Promise<void> {
  if (!window.location.pathname.startsWith('/embed/')) return
  const given = new URLSearchParams(window.location.hash.slice(1))
  history.replaceState(null, '', window.location.pathname)
  const [theme, code, publishableId] = ['theme', 'code', 'id'].map((name) => given.get(name) ?? '')
  if (theme !== undefined && theme !== '') (await import('./theme.ts')).wearTheme(theme)
  if (code === undefined || publishableId === undefined || code === '' || publishableId === '') return
  const { session_id: sessionId, token } = await redeemCode({ baseUrl: '' }, { code, publishableId })
  session = { sessionId, token }
}
