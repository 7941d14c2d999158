import type { ServerResponse } from 'node:http'

/** Whether the client's side of a response is gone, or it was ended. */
export function isGone(response: ServerResponse): boolean {
  return response.closed || response.destroyed || response.socket?.destroyed === true
}

/**
 * Runs `release` when the response closes; immediately when it has closed already. Node tells of a close once: a
 * listener that is put on afterwards, such as after an `await`, is never called, and what it should release is held
 * for ever. A test refuses any other listener for an end after an `await`.
 */
export function onceGone(response: ServerResponse, release: () => void): void {
  if (isGone(response)) release()
  else response.once('close', release)
}
