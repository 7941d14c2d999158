import { CountersignError, noAnswer, waitedTooLong } from './errors.ts'
import type { Prover } from './proof.ts'
import { createAsk, pause, refusalOf, reporting, type Ask } from './request.ts'
import { createTurnstile } from './turnstile.ts'
import { waitForProposal, type WaitOptions } from './waiting.ts'
import type {
  AnyProposal,
  OwnerChannel,
  Proposal,
  PublicConfig,
  Rechecked,
  RemedyKind,
  Routes,
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

export interface Client {
  /** The id as it is now. */
  readonly sessionId: string
  /** Any route, by its name in the reference, with what this client shows of itself. */
  readonly ask: Ask
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
  /** How the owner of the session is told that something waits, and what the server offers. For the owner's own page. */
  channels(): Promise<Routes['GET /api/reach/channels']['answer']>
  /** Adds a mail address, which is asked first, or a browser's push subscription. */
  addChannel(channel: Routes['POST /api/reach/channels']['body']): Promise<OwnerChannel>
  /** Whether messages of a channel say amounts. */
  setChannelAmounts(id: string, amounts: boolean): Promise<OwnerChannel>
  removeChannel(id: string): Promise<void>
  /** Agrees to the messages of a channel, by the token of the link that was sent to it. */
  confirmChannel(token: string): Promise<OwnerChannel>
  /** Ends the messages of a channel, by the token of the link in each of them. */
  stopChannel(token: string): Promise<Routes['POST /api/reach/stop']['answer']>
  /** A one-time link that connects the owner's chat of Telegram. */
  connectTelegram(): Promise<Routes['POST /api/reach/telegram']['answer']>
  /** The chats that were brought the link, and wait for the owner to say that they are theirs. */
  telegramWaiting(): Promise<Routes['GET /api/reach/telegram']['answer']['waiting']>
  /** Says whether such a chat is the owner's: only then is it connected. */
  answerTelegram(id: string, connect: boolean): Promise<void>
  /** The mini app of Telegram: what waits for its user. Launch data are good once. */
  openTelegram(initData: string): Promise<Routes['POST /api/telegram/open']['answer']>
  /** Makes the session now instead of with its first message, for instance to sign in to it. */
  start(): Promise<void>
  /** The caller's sessions; with the address of the wallet that signed in, also its sessions at other browsers. */
  sessions(address?: string): Promise<readonly SessionInfo[]>
  /** One session of the caller. */
  session(id: string): Promise<SessionInfo>
  renameSession(id: string, title: string): Promise<SessionInfo>
  archiveSession(id: string, isArchived: boolean): Promise<SessionInfo>
  /**
   * A one-time code with which a page at `origin` opens this session. Only with an API key: the page redeems it for a token
   * (`redeemCode`).
   */
  sessionCode(origin: string): Promise<Routes['POST /api/sessions/{id}/code']['answer']>
  endSession(id: string): Promise<void>
  /** Ends all sessions of the caller but this one. */
  endOthers(): Promise<number>
  /** Goes on with a session of the same wallet that began at another browser. This client then speaks for it. */
  takeOver(id: string): Promise<string>
  config(): Promise<PublicConfig>
  /** Sends one user message; resolves with the snapshot at that moment (the turn goes on, see `updates`). */
  chat(message: string, wallet?: WalletState, options?: SnapshotOptions): Promise<Snapshot>
  /**
   * Sends one user message and waits until the agent has answered.
   *
   * @param timeoutMs - After how long to give up with `sdk:wait:timeout`; default two minutes. The turn goes on.
   */
  chatAndWait(
    message: string,
    options?: { readonly wallet?: WalletState; readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<Snapshot>
  state(wallet?: WalletState, options?: SnapshotOptions): Promise<Snapshot>
  interrupt(): Promise<Snapshot>
  /** Of all kinds: what a wallet signs, and calls of tools. */
  proposals(): Promise<readonly AnyProposal[]>
  proposal(id: string): Promise<Proposal>
  /** Waits until a proposal has ended, or until it is as `until` wants it. */
  waitForProposal(id: string, options?: WaitOptions): Promise<AnyProposal>
  /** The report of a batch or a document; no proposal is made. */
  simulate(request: NonNullable<Routes['POST /api/simulate']['body']>): Promise<Routes['POST /api/simulate']['answer']>
  /** The standing approvals of an account. */
  approvals(address: string, chainId: number): Promise<Routes['GET /api/approvals']['answer']>
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
  /**
   * Confirms exactly what `digest` names: it releases a proposal to the program that made it, runs a call of a tool, or
   * gives a step-up by every value of `questions`, typed by a person.
   */
  confirm(id: string, digest: string, values?: Readonly<Record<string, string>>): Promise<AnyProposal>
  /** The same, with the owner's signature of `step_up.typed_data` in place of the values. */
  confirmSigned(id: string, digest: string, signature: string): Promise<AnyProposal>
  /** Reports the hash of one signed step; the server verifies it on chain and believes nothing else. */
  submitted(id: string, step: number | readonly number[], txHash: string): Promise<Proposal>
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
  const doFetch = reporting(options.fetch ?? globalThis.fetch.bind(globalThis))
  let sessionId = options.sessionId
  const ownWindow = globalThis.crypto.randomUUID()
  let nonce: string | null = null

  const become = (id: string): string => {
    sessionId = id
    options.onSessionId?.(id)
    return id
  }

  const { send, sendAlone } = createTurnstile(sendNow, () => sessionId)

  /** One request with everything that this client shows of itself; once more when the server asks for its nonce. */
  async function sendNow(method: string, path: string, init: RequestInit & { readonly body?: string } = {}) {
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

  const ask = createAsk(send)
  async function call<T>(method: string, path: string, body?: unknown, by: Ask = ask): Promise<T> {
    return (await by(`${method} ${path}` as 'GET /api/config', body === undefined ? {} : { body: body as never })) as T
  }
  /** A request that replaces the id: what is asked meanwhile waits, and is asked with the new one. */
  const replaceId = (
    path: string,
    body?: unknown,
  ): Promise<{ readonly session_id: string; readonly address: string }> =>
    sendAlone(async (alone) => {
      const answer = await call<{ session_id: string; address: string }>('POST', path, body, createAsk(alone))
      become(answer.session_id)
      return answer
    })

  const client: Client = {
    get sessionId() {
      return sessionId
    },
    ask,
    async enter() {
      await call('POST', '/api/browser/enter', {})
      return (await call<{ cookie: boolean }>('GET', '/api/browser')).cookie
    },
    async signIn({ address, chainId }, sign) {
      const { message } = await call<{ message: string }>('POST', '/api/sign-in/nonce', { address, chain_id: chainId })
      const signature = await sign(message)
      return replaceId('/api/sign-in', { message, signature })
    },
    ...reachCalls(ask),
    async start() {
      await call('POST', '/api/sessions', { app: options.app ?? 'default' })
    },
    sessions: (address) =>
      call('GET', address === undefined ? '/api/sessions' : `/api/sessions?public_key=${encodeURIComponent(address)}`),
    session: (id) => ask('GET /api/sessions/{id}', { params: { id } }),
    renameSession: (id, title) => ask('PATCH /api/sessions/{id}', { params: { id }, body: { title } }),
    archiveSession: (id, isArchived) =>
      ask(`POST /api/sessions/{id}/${isArchived ? 'archive' : 'unarchive'}`, { params: { id } }),
    sessionCode: (origin) => ask('POST /api/sessions/{id}/code', { params: { id: sessionId }, body: { origin } }),
    async endSession(id) {
      await call('DELETE', `/api/sessions/${encodeURIComponent(id)}`)
    },
    async endOthers() {
      return (await call<{ ended: number }>('DELETE', `/api/sessions?keep=${sessionId}`)).ended
    },
    async takeOver(id) {
      return (await replaceId(`/api/sessions/${encodeURIComponent(id)}/take-over`)).session_id
    },
    config: () => call('GET', `/api/config?app=${encodeURIComponent(options.app ?? 'default')}`),
    chat: (message, wallet, which) =>
      call('POST', '/api/chat', { message, app: options.app ?? 'default', ...stateFields(wallet, which) }),
    chatAndWait: (message, more = {}) => chatAndWait(client, message, more),
    state: (wallet, which) => call('GET', statePath(stateFields(wallet, which))),
    interrupt: () => call('POST', '/api/interrupt'),
    ...proposalCalls(ask, ownWindow),
    faucet: (address, chainId) => call('POST', '/api/faucet', { address, chain_id: chainId }),
    updates: (follow) => updates(send, follow),
  }
  return client
}

/** How the owner is told that something waits. */
function reachCalls(ask: Ask) {
  return {
    channels: () => ask('GET /api/reach/channels', {}),
    addChannel: (channel) => ask('POST /api/reach/channels', { body: channel }),
    setChannelAmounts: (id, amounts) => ask('PATCH /api/reach/channels/{id}', { params: { id }, body: { amounts } }),
    async removeChannel(id) {
      await ask('DELETE /api/reach/channels/{id}', { params: { id } })
    },
    confirmChannel: (token) => ask('POST /api/reach/confirm', { body: { token } }),
    stopChannel: (token) => ask('POST /api/reach/stop', { body: { token } }),
    connectTelegram: () => ask('POST /api/reach/telegram', {}),
    telegramWaiting: async () => (await ask('GET /api/reach/telegram', {})).waiting,
    async answerTelegram(id, connect) {
      await ask('POST /api/reach/telegram/answer', { body: { id, connect } })
    },
    openTelegram: (initData) => ask('POST /api/telegram/open', { body: { init_data: initData } }),
  } satisfies Partial<Client>
}

/** What a client does with proposals, by the names of the routes. */
function proposalCalls(ask: Ask, ownWindow: string) {
  const one = (id: string) => ({ params: { id } })
  return {
    proposals: () => ask('GET /api/proposals', {}),
    // Calls of tools have this shape too, with null for what only a transaction has; readers of one look at `kind`.
    proposal: (id) => ask('GET /api/proposals/{id}', one(id)) as Promise<Proposal>,
    waitForProposal: (id, follow) =>
      waitForProposal(
        (signal) => ask('GET /api/proposals/{id}', { ...one(id), ...(signal === undefined ? {} : { signal }) }),
        follow,
      ),
    simulate: (body) => ask('POST /api/simulate', { body }),
    approvals: (address, chainId) => ask('GET /api/approvals', { query: { address, chain_id: chainId } }),
    recheck: (id, sender, chainId, window = ownWindow, receipt) =>
      ask('POST /api/proposals/{id}/recheck', {
        ...one(id),
        body: { from: sender, chain_id: chainId, window, ...(receipt === undefined ? {} : { receipt }) },
      }),
    confirm: (id, digest, values) =>
      ask('POST /api/proposals/{id}/confirm', {
        ...one(id),
        body: { digest, ...(values === undefined ? {} : { step_up: { method: 'retype', values } }) },
      }),
    confirmSigned: (id, digest, signature) =>
      ask('POST /api/proposals/{id}/confirm', {
        ...one(id),
        body: { digest, step_up: { method: 'wallet', signature } },
      }),
    remedy: (id, kind) => ask('POST /api/proposals/{id}/remedy', { ...one(id), body: { kind } }),
    reject: (id, reason, window) =>
      ask('POST /api/proposals/{id}/reject', {
        ...one(id),
        body: { ...(reason === undefined ? {} : { reason }), ...(window === undefined ? {} : { window }) },
      }),
    submitted: (id, step, txHash) =>
      ask('POST /api/proposals/{id}/submitted', {
        ...one(id),
        body: typeof step === 'number' ? { step, tx_hash: txHash } : { steps: step, tx_hash: txHash },
      }),
    signed: (id, signature) => ask('POST /api/proposals/{id}/signed', { ...one(id), body: { signature } }),
  } satisfies Partial<Client>
}

/** How often a turn is looked at beside its stream, in milliseconds. */
const LOOK_MS = 1_000

/** Sends a message, then reads the snapshot until the turn is over. */
async function chatAndWait(
  client: Client,
  message: string,
  { wallet, signal, timeoutMs = 120_000 }: NonNullable<Parameters<Client['chatAndWait']>[1]>,
): Promise<Snapshot> {
  const endMs = Date.now() + timeoutMs
  let snapshot = await client.chat(message, wallet)
  while (snapshot.is_processing) {
    if (signal?.aborted === true) throw noAnswer(signal.reason, signal)
    if (Date.now() >= endMs) throw waitedTooLong('The turn', timeoutMs)
    await turnEnd(client, snapshot.last_event_id, Math.min(LOOK_MS, endMs - Date.now()), signal)
    snapshot = await client.state(wallet)
  }
  return snapshot
}

/** Until the stream says that the turn is over, or for as long as is given. */
async function turnEnd(
  client: Client,
  afterSeq: number | undefined,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const end = new AbortController()
  const stop = (): void => end.abort()
  const timer = setTimeout(stop, Math.max(1, ms))
  signal?.addEventListener('abort', stop, { once: true })
  try {
    for await (const event of client.updates({
      signal: end.signal,
      ...(afterSeq === undefined ? {} : { afterSeq }),
    }))
      if (event.type === 'turn_finished') return
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    stop()
  }
}

/**
 * An embedded page: redeems a one-time code (`sessionCode`) for a token of the session, which `token` of `createClient`
 * then gives. Keep it in memory only.
 */
export function redeemCode(
  { baseUrl, fetch: doFetch = globalThis.fetch.bind(globalThis) }: Pick<ClientOptions, 'baseUrl' | 'fetch'>,
  { code, publishableId }: { readonly code: string; readonly publishableId: string },
): Promise<Routes['POST /api/browser/redeem']['answer']> {
  const ask = createAsk((method, path, init) => reporting(doFetch)(baseUrl + path, { ...init, method }))
  return ask('POST /api/browser/redeem', { body: { code, publishable_id: publishableId } })
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
        throw await refusalOf(response)
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
