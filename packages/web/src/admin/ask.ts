import { admin } from '../text/admin.ts'

const NO_ANSWER = 'admin:answer:absent'

/** A refusal of the server, in the words it sent. */
export class AdminError extends Error {
  override readonly name = 'AdminError'
  readonly status: number
  readonly code: string
  readonly hint: string
  constructor(status: number, { error, code, hint }: { error?: string; code?: string; hint?: string }) {
    super(error ?? NO_ANSWER)
    this.status = status
    this.code = error === undefined ? NO_ANSWER : (code ?? '')
    this.hint = hint ?? ''
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

/** Whether the words of an error are the server's: they are English in every language of the page. */
export function isOfServer(error: Error): boolean {
  return error instanceof AdminError && error.code !== NO_ANSWER
}

/** A sentence for people, of whatever was thrown. */
export function problemOf(error: Error): string {
  const words = admin().problem
  if (error instanceof AdminError) return isOfServer(error) ? `${error.message} ${error.hint}`.trim() : words.noAnswer
  // What a browser says of passkeys: the person closed the prompt, or there is no authenticator.
  if (error.name === 'NotAllowedError') return words.promptClosed
  if (error.name === 'InvalidStateError') return words.hasPasskey
  return words.other
}

/** Whatever was thrown, kept as an error: its sentence is made where it is shown, in the language of then. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new DOMException(String(thrown), 'UnknownError')
}
