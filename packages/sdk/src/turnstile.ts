import type { SendRequest } from './request.ts'

/**
 * Keeps requests and the replacement of a session's id apart. The old id is dead with the server's commit, and the new one
 * is known with the answer: a request that falls between the two would be refused, or end in a session that is nobody's.
 *
 * @param sessionId - The id as it is now.
 * @returns `send` waits while the id is being replaced, and asks once more where a request was refused (401) under an id
 *   that was replaced meanwhile: a refused request did nothing. `sendAlone` waits for what changes something and is on its
 *   way, then runs.
 */
export function createTurnstile(sendNow: SendRequest, sessionId: () => string) {
  let replacement: Promise<void> | null = null
  const underway = new Set<Promise<unknown>>()

  /** Waits until nothing replaces the id. */
  async function open(): Promise<void> {
    for (let current = replacement; current !== null; current = replacement) await current
  }

  const send: SendRequest = async (method, path, init) => {
    await open()
    const id = sessionId()
    const sent = sendNow(method, path, init)
    // Reading is not waited for: a stream may stay open until the session ends.
    if (method !== 'GET') underway.add(sent)
    const response = await sent.finally(() => underway.delete(sent))
    if (response.status !== 401) return response
    await open()
    return sessionId() !== id ? sendNow(method, path, init) : response
  }

  async function sendAlone<T>(run: (sendAlone: SendRequest) => Promise<T>): Promise<T> {
    // Seen and taken in one step: of two that wait, the second waits for the first.
    for (let current = replacement; current !== null; current = replacement) await current
    const running = Promise.allSettled(underway).then(() => run(sendNow))
    const over = running.then(
      () => undefined,
      () => undefined,
    )
    replacement = over
    try {
      return await running
    } finally {
      replacement = null
    }
  }

  return { send, sendAlone }
}
