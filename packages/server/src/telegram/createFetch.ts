/**
 * The `fetch` that the bot is given: Node's own, without redirects, and with errors that say nothing. The token of a bot is part
 * of every address, and libraries put addresses into what they throw.
 */
export function createFetch(closed: AbortSignal): (url: unknown, init?: unknown) => Promise<Response> {
  return async (url, init) => {
    const { method, headers, body, signal } = (init ?? {}) as {
      method?: string
      headers?: Record<string, string>
      body?: string
      signal?: { readonly aborted: boolean; addEventListener(type: 'abort', run: () => void): void }
    }
    // grammY brings a class of signals of its own, which Node's fetch does not know.
    const end = new AbortController()
    if (signal?.aborted === true) end.abort()
    signal?.addEventListener('abort', () => end.abort())
    try {
      return await fetch(url as string, {
        ...(method === undefined ? {} : { method }),
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
        ...{ signal: AbortSignal.any([end.signal, closed]), redirect: 'error' },
      })
    } catch {
      throw new Error('The Bot API did not answer.')
    }
  }
}
