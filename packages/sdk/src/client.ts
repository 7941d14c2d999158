import type { Prover } from './proof.ts'
import type {
  ErrorBody,
  AnyProposal,
  Proposal,
  PublicConfig,
  Rechecked,
  RemedyKind,
  SessionInfo,
  Snapshot,
  UpdateEvent,
} from './wire.ts'

export interface ClientOptions {
  /** Where the server is, without a trailing slash; '' means the page's own origin. */
  readonly baseUrl: string
  /** A UUID; the caller keeps it. */
  readonly sessionId: string
  /** An `sk-…` key. Never in a browser: servers and terminals only. */
  readonly apiKey?: string
  /** Gives the session token (`st-…`) of an embedded page, which keeps it in memory only. */
  readonly token?: () => string | null
  /** Set by our own page: it is known by its cookie, and says so in a header that other pages cannot send. */
  readonly isOwnPage?: boolean
  /** Proves to hold the key that the session is, or with its first message becomes, bound to. */
  readonly proof?: Prover
  /** Told when the session goes on under another id (signed in, bound, taken over): keep the new one. */
  readonly onSessionId?: (sessionId: string) => void
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

/** Which part of a conversation an answer holds. */
export interface SnapshotOptions {
  /** How many messages the caller has already: the answer's `messages` are those that follow. Default: all of them. */
  readonly messagesFrom?: number
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
  /** The id as it is now. */
  readonly sessionId: string
  /** Our own page: gets the cookie. False when this browser does not keep it (Safari without TLS). */
  enter(): Promise<boolean>
  /**
   * Signs in with a wallet (ERC-4361): `sign` shows the message to its owner. From then on the session has a new id
   * and proposes for this wallet only.
   */
  signIn(
    wallet: { readonly address: string; readonly chainId: number },
    sign: (message: string) => Promise<string>,
  ): Promise<{ readonly session_id: string; readonly address: string }>
  /** Makes the session now instead of with its first message, for instance to sign in to it. */
  start(): Promise<void>
  /** The caller's sessions; with the address of the wallet that signed in, also its sessions at other browsers. */
  sessions(address?: string): Promise<readonly SessionInfo[]>
  endSession(id: string): Promise<void>
  /** Ends all sessions of the caller but this one. */
  endOthers(): Promise<number>
  /** Goes on with a session of the same wallet that began at another browser. This client then speaks for it. */
  takeOver(id: string): Promise<string>
  config(): Promise<PublicConfig>
  /** Sends one user message; resolves with the snapshot at that moment (the turn goes on, see `updates`). */
  chat(message: string, wallet?: WalletState, options?: SnapshotOptions): Promise<Snapshot>
  state(wallet?: WalletState, options?: SnapshotOptions): Promise<Snapshot>
  interrupt(): Promise<Snapshot>
  /** Of all kinds: what a wallet signs, and calls of tools. */
  proposals(): Promise<readonly AnyProposal[]>
  proposal(id: string): Promise<Proposal>
  /**
   * Asks the gate, at the moment of signing, whether the committed bytes still do what was shown. The wallet may
   * be opened only when the answer is `signable`. While one `window` (any name of yours; by default one of this
   * client's own) has it open, others are refused.
   *
   * @param receipt - `receipt.digest` of the card that its owner was shown: another one is never answered `signable`.
   */
  recheck(id: string, sender: string, chainId: number, window?: string, receipt?: string): Promise<Rechecked>
  /** @param window - The window whose wallet said no: it is not open there any more. */
  reject(id: string, reason?: string, window?: string): Promise<AnyProposal>
  /** Chooses how to go on from a batch that ended half done. Answers the proposal that is to be read and signed then. */
  remedy(id: string, kind: RemedyKind): Promise<Proposal>
  /** Gives a step-up: every value of `questions`, typed by a person, for exactly what `digest` names. */
  confirm(id: string, digest: string, values?: Readonly<Record<string, string>>): Promise<AnyProposal>
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

/** Makes a client. It keeps no state but the session id, which changes when the session can do more than before. */
export function createClient(options: ClientOptions): Client {
  const doFetch = options.fetch ?? globalThis.fetch.bind(globalThis)
  let sessionId = options.sessionId
  const ownWindow = globalThis.crypto.randomUUID()
  let nonce: string | null = null

  const become = (id: string): string => {
    sessionId = id
    options.onSessionId?.(id)
    return id
  }

  /** One request with everything that this client shows of itself; once more when the server asks for its nonce. */
  async function send(method: string, path: string, init: RequestInit & { readonly body?: string } = {}) {
    const token = options.token?.() ?? null
    const credential = options.apiKey ?? token
    for (let attempt = 1; ; attempt += 1) {
      const proofs =
        (await options.proof?.prove({
          method,
          url: new URL(options.baseUrl + path, globalThis.location?.href).href,
          body: init.body ?? '',
          sessionId,
          credential,
          nonce,
        })) ?? {}
      const response = await doFetch(options.baseUrl + path, {
        ...init,
        method,
        headers: {
          'X-Session-Id': sessionId,
          ...(options.apiKey === undefined ? {} : { 'AOMI-APP-KEY': options.apiKey }),
          ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
          ...(options.isOwnPage === true ? { 'X-Countersign-Page': '1' } : {}),
          ...proofs,
          ...(init.headers as Record<string, string> | undefined),
        },
      })
      nonce = response.headers.get('dpop-nonce') ?? nonce
      const wantsNonce = response.headers.get('www-authenticate')?.includes('use_dpop_nonce') === true
      if (response.status !== 401 || !wantsNonce || attempt > 1) return response
    }
  }

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await send(
      method,
      path,
      body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) },
    )
    if (!response.ok) throw new CountersignError(response.status, await readError(response))
    return (await response.json()) as T
  }

  return {
    get sessionId() {
      return sessionId
    },
    async enter() {
      await call('POST', '/api/browser/enter', {})
      return (await call<{ cookie: boolean }>('GET', '/api/browser')).cookie
    },
    async signIn({ address, chainId }, sign) {
      const { message } = await call<{ message: string }>('POST', '/api/sign-in/nonce', { address, chain_id: chainId })
      const signature = await sign(message)
      const answer = await call<{ session_id: string; address: string }>('POST', '/api/sign-in', { message, signature })
      become(answer.session_id)
      return answer
    },
    async start() {
      await call('POST', '/api/sessions', { app: options.app ?? 'default' })
    },
    sessions: (address) =>
      call('GET', address === undefined ? '/api/sessions' : `/api/sessions?public_key=${encodeURIComponent(address)}`),
    async endSession(id) {
      await call('DELETE', `/api/sessions/${encodeURIComponent(id)}`)
    },
    async endOthers() {
      return (await call<{ ended: number }>('DELETE', `/api/sessions?keep=${sessionId}`)).ended
    },
    async takeOver(id) {
      return become(
        (await call<{ session_id: string }>('POST', `/api/sessions/${encodeURIComponent(id)}/take-over`)).session_id,
      )
    },
    config: () => call('GET', `/api/config?app=${encodeURIComponent(options.app ?? 'default')}`),
    chat: (message, wallet, which) =>
      call('POST', '/api/chat', { message, app: options.app ?? 'default', ...stateFields(wallet, which) }),
    state: (wallet, which) => call('GET', statePath(stateFields(wallet, which))),
    interrupt: () => call('POST', '/api/interrupt'),
    proposals: () => call('GET', '/api/proposals'),
    proposal: (id) => call('GET', `/api/proposals/${encodeURIComponent(id)}`),
    recheck: (id, sender, chainId, window = ownWindow, receipt) =>
      call('POST', `/api/proposals/${encodeURIComponent(id)}/recheck`, {
        from: sender,
        chain_id: chainId,
        window,
        ...(receipt === undefined ? {} : { receipt }),
      }),
    confirm: (id, digest, values) =>
      call('POST', `/api/proposals/${encodeURIComponent(id)}/confirm`, {
        digest,
        ...(values === undefined ? {} : { step_up: { method: 'retype', values } }),
      }),
    remedy: (id, kind) => call('POST', `/api/proposals/${encodeURIComponent(id)}/remedy`, { kind }),
    reject: (id, reason, window) =>
      call('POST', `/api/proposals/${encodeURIComponent(id)}/reject`, {
        ...(reason === undefined ? {} : { reason }),
        ...(window === undefined ? {} : { window }),
      }),
    submitted: (id, step, txHash) =>
      call('POST', `/api/proposals/${encodeURIComponent(id)}/submitted`, { step, tx_hash: txHash }),
    signed: (id, signature) => call('POST', `/api/proposals/${encodeURIComponent(id)}/signed`, { signature }),
    faucet: (address, chainId) => call('POST', '/api/faucet', { address, chain_id: chainId }),
    updates: (follow) => updates(send, follow),
  }
}

/** What goes with every question for a snapshot. */
function stateFields(wallet: WalletState | undefined, { messagesFrom }: SnapshotOptions = {}) {
  return {
    ...(wallet === undefined ? {} : { user_state: wallet }),
    ...(messagesFrom === undefined ? {} : { messages_from: messagesFrom }),
  }
}

function statePath(fields: ReturnType<typeof stateFields>): string {
  const query = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(JSON.stringify(value))}`)
  return query.length === 0 ? '/api/state' : `/api/state?${query.join('&')}`
}

async function readError(response: Response): Promise<Partial<ErrorBody>> {
  try {
    return (await response.json()) as Partial<ErrorBody>
  } catch {
    return {}
  }
}

async function* updates(
  send: (method: string, path: string, init: RequestInit & { readonly body?: string }) => Promise<Response>,
  follow: Parameters<Client['updates']>[0],
): AsyncGenerator<UpdateEvent> {
  let lastSeq = follow.afterSeq
  let attempt = 0
  while (!follow.signal.aborted) {
    follow.onState?.('connecting')
    try {
      const response = await send('GET', '/api/updates', {
        headers: {
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
