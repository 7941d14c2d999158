/** A refusal of the server, in the words it sent. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly status: number
  readonly code: string
  readonly hint: string
  constructor(status: number, { error, code, hint }: { error?: string; code?: string; hint?: string }) {
    super(error ?? 'The server gave no answer.')
    this.status = status
    this.code = code ?? 'admin:answer:absent'
    this.hint = hint ?? 'Check that the server runs, and try again.'
  }
}

/** Told when a request finds that the session is over. */
export const sessionEnded = new EventTarget()

/**
 * Asks the server as the operator of this browser. The cookie is the credential, which no script can read; the header says
 * that this page asks, because no other page can set it unasked.
 *
 * @param app - The app that the request is about, of those that the operator manages.
 * @throws {AdminError}
 */
export async function ask<T>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  { app, body }: { app?: string; body?: unknown } = {},
): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: {
        'x-countersign-page': '1',
        ...(app === undefined ? {} : { 'x-countersign-app': app }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new AdminError(0, {})
  }
  const answer: unknown = await response.json().catch(() => null)
  if (response.ok && answer !== null) return answer as T
  const error = new AdminError(response.status, (answer ?? {}) as Record<string, string>)
  if (error.code === 'operators:session:absent') sessionEnded.dispatchEvent(new Event('ended'))
  throw error
}

/** A sentence for people, of whatever was thrown. */
export function problemOf(error: unknown): string {
  if (error instanceof AdminError) return `${error.message} ${error.hint}`
  // What a browser says of passkeys: the person closed the prompt, or there is no authenticator.
  if (error instanceof Error && error.name === 'NotAllowedError') return 'The passkey prompt was closed. Try again.'
  if (error instanceof Error && error.name === 'InvalidStateError') return 'This device already has a passkey here.'
  return 'Something went wrong on this page. Reload it.'
}
