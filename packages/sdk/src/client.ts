import type { ErrorBody, Proposal, PublicConfig, Snapshot, UpdateEvent } from './wire.ts'

export interface ClientOptions {
  /** Where the server is, without a trailing slash; '' means the page's own origin. */
  readonly baseUrl: string
  /** A UUID; the caller keeps it. */
  readonly sessionId: string
  /** An `sk-…` key. Never in a browser: servers and terminals only. */
  readonly apiKey?: string
  /** The app to talk to; default `default`. */
  readonly app?: string
  readonly fetch?: typeof globalThis.fetch
}

/** What the wallet side knows of itself, sent along so that the agent can use it. It grants nothing. */
export interface WalletState {
  readonly address: string
  readonly chain_id: number
  readonly is_connected: boolean
}

/** The server refused; `code` is stable, `hint` says what to do. */
export class CountersignError extends Error {
  override readonly name = 'CountersignError'
  readonly status: number
  readonly code: string
  readonly hint: string
  constructor(status: number, body: Partial<ErrorBody>) {
    super(body.error ?? `The server answered ${status}.`)
    this.status = status
    this.code = body.code ?? 'sdk:answer:unreadable'
    this.hint = body.hint ?? 'Look at the server log for this request.'
  }
}

export interface Client {
  readonly sessionId: string
  config(): Promise<PublicConfig>
  /** Sends one user message; resolves with the snapshot at that moment (the turn goes on, see `updates`). */
  chat(message: string, wallet?: WalletState): Promise<Snapshot>
  state(wallet?: WalletState): Promise<Snapshot>
  interrupt(): Promise<Snapshot>
  proposals(): Promise<readonly Proposal[]>
  proposal(id: string): Promise<Proposal>
  /**
   * Asks the gate, at the moment of signing, whether the committed bytes still do what was shown. The wallet may
   * be opened only when the answer is `signable`. While one `window` (any name of yours) has it open, others are
   * refused.
   */
  recheck(id: string, sender: string, chainId: number, window?: string): Promise<Proposal>
  reject(id: string, reason?: string): Promise<Proposal>
  /** Reports the hash of one signed step; the server verifies it on chain and believes nothing else. */
  submitted(id: string, step: number, txHash: string): Promise<Proposal>
  /** Hands over the owner's signature of a document; it is verified against exactly these bytes, and settles. */
  signed(id: string, signature: string): Promise<Proposal>
  faucet(address: string, chainId: number): Promise<{ readonly funded: boolean }>
  /**
   * Follows the session from `afterSeq` on, reconnecting with `Last-Event-ID` until the signal aborts. Without gap
   * and without duplicate.
   */
  updates(options: {
    readonly signal: AbortSignal
    readonly afterSeq?: number
    readonly onState?: (state: 'connected' | 'connecting') => void
  }): AsyncGenerator<UpdateEvent>
}

/** Makes a client. It keeps no state but the session id it was given. */
export function createClient(options: ClientOptions): Client {
  const doFetch = options.fetch ?? globalThis.fetch.bind(globalThis)
  const headers = (): Record<string, string> => ({
    'X-Session-Id': options.sessionId,
    ...(options.apiKey === undefined ? {} : { 'AOMI-APP-KEY': options.apiKey }),
  })

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await doFetch(options.baseUrl + path, {
      method,
      headers: body === undefined ? headers() : { ...headers(), 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new CountersignError(response.status, await readError(response))
    return (await response.json()) as T
  }

  return {
    sessionId: options.sessionId,
    config: () => call('GET', `/api/config?app=${encodeURIComponent(options.app ?? 'default')}`),
    chat: (message, wallet) =>
      call('POST', '/api/chat', { message, app: options.app ?? 'default', ...(wallet ? { user_state: wallet } : {}) }),
    state: (wallet) =>
      call('GET', wallet ? `/api/state?user_state=${encodeURIComponent(JSON.stringify(wallet))}` : '/api/state'),
    interrupt: () => call('POST', '/api/interrupt'),
    proposals: () => call('GET', '/api/proposals'),
    proposal: (id) => call('GET', `/api/proposals/${encodeURIComponent(id)}`),
    recheck: (id, sender, chainId, window) =>
      call('POST', `/api/proposals/${encodeURIComponent(id)}/recheck`, {
        from: sender,
        chain_id: chainId,
        ...(window === undefined ? {} : { window }),
      }),
    reject: (id, reason) =>
      call('POST', `/api/proposals/${encodeURIComponent(id)}/reject`, reason === undefined ? {} : { reason }),
    submitted: (id, step, txHash) =>
      call('POST', `/api/proposals/${encodeURIComponent(id)}/submitted`, { step, tx_hash: txHash }),
    signed: (id, signature) => call('POST', `/api/proposals/${encodeURIComponent(id)}/signed`, { signature }),
    faucet: (address, chainId) => call('POST', '/api/faucet', { address, chain_id: chainId }),
    updates: (follow) => updates(options, doFetch, headers, follow),
  }
}

async function readError(response: Response): Promise<Partial<ErrorBody>> {
  try {
    return (await response.json()) as Partial<ErrorBody>
  } catch {
    return {}
  }
}

async function* updates(
  options: ClientOptions,
  doFetch: typeof globalThis.fetch,
  headers: () => Record<string, string>,
  follow: Parameters<Client['updates']>[0],
): AsyncGenerator<UpdateEvent> {
  let lastSeq = follow.afterSeq
  let attempt = 0
  while (!follow.signal.aborted) {
    follow.onState?.('connecting')
    try {
      const response = await doFetch(`${options.baseUrl}/api/updates`, {
        headers: {
          ...headers(),
          Accept: 'text/event-stream',
          ...(lastSeq === undefined ? {} : { 'Last-Event-ID': String(lastSeq) }),
        },
        signal: follow.signal,
      })
      if (!response.ok || response.body === null) {
        throw new CountersignError(response.status, await readError(response))
      }
      follow.onState?.('connected')
      attempt = 0
      for await (const event of frames(response.body)) {
        lastSeq = event.seq
        yield event
      }
    } catch (error) {
      if (follow.signal.aborted) return
      // A refusal will not heal by asking again; a broken connection will.
      if (error instanceof CountersignError && error.status >= 400 && error.status < 500) throw error
    }
    attempt += 1
    // Backoff as the published clients do: min(500 · 2^(n−1), 10 000) ms.
    await pause(Math.min(500 * 2 ** (attempt - 1), 10_000), follow.signal)
  }
}

/** Parses `text/event-stream` frames; comments (keep-alives) are skipped. */
async function* frames(body: ReadableStream<Uint8Array>): AsyncGenerator<UpdateEvent> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>)
    .getReader()
  let buffer = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    buffer += value.replaceAll('\r', '')
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const lines = buffer.slice(0, end).split('\n')
      buffer = buffer.slice(end + 2)
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart())
      if (data.length > 0) yield JSON.parse(data.join('\n')) as UpdateEvent
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
