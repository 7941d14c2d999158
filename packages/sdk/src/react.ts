/** `@countersign/sdk/react`: hooks on a `Client` for React 18 and newer. */
import { createElement, useCallback, useEffect, useRef, useState, type CSSProperties, type ReactElement } from 'react'
import type { Client, WalletState } from './client.ts'
import { CountersignError } from './errors.ts'
import { allNewer, withNewer } from './newest.ts'
import { pause } from './request.ts'
import { hasEnded } from './waiting.ts'
import type { AnyProposal, Snapshot } from './wire.ts'

/** How the frame of `CountersignFrame` looks: custom properties of the page, as in docs/guide/embed.md. */
export interface FrameTheme {
  readonly scheme: 'light' | 'dark'
  readonly [property: `--${string}`]: string
}

/** The session that your server began for the frame: what `sessionCode` answered, for the origin of the Countersign server. */
export interface FrameSession {
  readonly code: string
  readonly publishableId: string
}

/**
 * Chat and cards of a server in a frame. The frame is of another origin: it reads nothing of this page, is read by nothing
 * here, and is handed no wallet. Which pages may show it, the operator says in the `origins` of the app.
 *
 * @param server - Where the server is, such as `https://agent.example`.
 * @param app - Default `default`.
 */
export function CountersignFrame({
  server,
  app = 'default',
  title = 'Countersign',
  theme,
  session,
  className,
  style,
}: {
  readonly server: string
  readonly app?: string
  readonly title?: string
  readonly theme?: FrameTheme
  readonly session?: FrameSession
  readonly className?: string
  readonly style?: CSSProperties
}): ReactElement {
  const place = new URL(`/embed/${encodeURIComponent(app)}`, server)
  // Behind "#": it is sent to no server and stands in no log.
  place.hash = new URLSearchParams({
    ...(theme === undefined ? {} : { theme: JSON.stringify(theme) }),
    ...(session === undefined ? {} : { code: session.code, id: session.publishableId }),
  }).toString()
  return createElement('iframe', {
    src: place.href,
    title,
    className,
    referrerPolicy: 'no-referrer',
    allow: 'clipboard-write',
    sandbox: 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox',
    style: { border: 0, display: 'block', width: '100%', height: 640, ...style },
  })
}

/** What `useProposal` reads from: a `Client`, an `Api`, or a function of yours that asks your own server. */
export interface ProposalSource {
  proposal(id: string): Promise<AnyProposal>
}

export interface ProposalView {
  /** Null until it was read, and while there is no id. */
  readonly proposal: AnyProposal | null
  /** Why it could not be read the last time; null while all is well. */
  readonly error: CountersignError | null
  readonly isLoading: boolean
  /** Reads it now. */
  readonly refresh: () => Promise<void>
}

/**
 * One proposal, read again while it is open.
 *
 * @param id - Null reads nothing.
 * @param intervalMs - How often it is read while it has not ended, in milliseconds; default 2 000.
 */
export function useProposal(
  source: ProposalSource,
  id: string | null,
  { intervalMs = 2_000 }: { readonly intervalMs?: number } = {},
): ProposalView {
  const [state, setState] = useState<{
    for: string | null
    proposal: AnyProposal | null
    error: CountersignError | null
  }>({ for: null, proposal: null, error: null })
  const current = useRef(0)
  const refresh = useCallback(async (): Promise<void> => {
    if (id === null) return
    const mine = (current.current += 1)
    try {
      const proposal = await source.proposal(id)
      if (mine === current.current) setState({ for: id, proposal, error: null })
    } catch (error) {
      const known = knownError(error)
      if (mine === current.current)
        setState((before) => ({ for: id, proposal: before.for === id ? before.proposal : null, error: known }))
    }
  }, [source, id])

  const shown = state.for === id ? state : null
  const isOver = isLost(shown?.error ?? null) || (shown?.proposal != null && hasEnded(shown.proposal))
  useEffect(() => {
    if (id === null || isOver) return
    void refresh()
    const timer = setInterval(() => void refresh(), intervalMs)
    return () => {
      // An answer that is on its way belongs to what was shown before.
      current.current += 1
      clearInterval(timer)
    }
  }, [id, isOver, intervalMs, refresh])

  return {
    proposal: shown?.proposal ?? null,
    error: shown?.error ?? null,
    isLoading: id !== null && shown === null,
    refresh,
  }
}

export interface SessionView {
  /** The conversation as it is now; null until it was read. */
  readonly snapshot: Snapshot | null
  readonly proposals: readonly AnyProposal[]
  /** `ended`: the session is over or goes on under another id; `error` says why where it was refused. */
  readonly connection: 'connecting' | 'connected' | 'ended'
  readonly error: CountersignError | null
  /** Sends one message. The answer shows in `snapshot` while it is written. */
  readonly send: (message: string, wallet?: WalletState) => Promise<void>
  readonly interrupt: () => Promise<void>
}

const EMPTY = { snapshot: null, proposals: [], connection: 'connecting', error: null } as const

/**
 * A conversation, followed by its stream of events. A stream that breaks resumes after the last event.
 *
 * @param client - Keep it between renders (`useMemo`); another client is another conversation. Null follows nothing.
 */
export function useSession(client: Client | null): SessionView {
  type State = Pick<SessionView, 'snapshot' | 'proposals' | 'connection' | 'error'>
  const [state, setState] = useState<State & { of: Client | null }>({ ...EMPTY, of: null })
  const update = useCallback(
    (of: Client, change: (before: State) => Partial<State>): void =>
      setState((before) => {
        const base: State = before.of === of ? before : EMPTY
        return { ...base, ...change(base), of }
      }),
    [],
  )

  useEffect(() => {
    if (client === null) return
    const end = new AbortController()
    void follow(client, end.signal, (change) => {
      if (!end.signal.aborted) update(client, change)
    })
    return () => end.abort()
  }, [client, update])

  const act = useCallback(
    async (work: (of: Client) => Promise<Snapshot>): Promise<void> => {
      if (client === null) return
      try {
        const snapshot = await work(client)
        update(client, (before) => ({ snapshot: newer(before.snapshot, snapshot), error: null }))
      } catch (error) {
        const known = knownError(error)
        update(client, () => ({ error: known }))
      }
    },
    [client, update],
  )
  const send = useCallback((message: string, wallet?: WalletState) => act((of) => of.chat(message, wallet)), [act])
  const interrupt = useCallback(() => act((of) => of.interrupt()), [act])
  const { snapshot, proposals, connection, error } = state.of === client ? state : EMPTY
  return { snapshot, proposals, connection, error, send, interrupt }
}

type Change = (
  before: Pick<SessionView, 'snapshot' | 'proposals'>,
) => Partial<Pick<SessionView, 'snapshot' | 'proposals' | 'connection' | 'error'>>

/** Reads the session, then its events until it ends. What changes the conversation makes it be read again. */
async function follow(client: Client, signal: AbortSignal, tell: (change: Change) => void): Promise<void> {
  const read = async (): Promise<Snapshot> => {
    const snapshot = await client.state()
    tell((before) => ({ snapshot: newer(before.snapshot, snapshot) }))
    return snapshot
  }
  const persist = <T>(work: () => Promise<T>): Promise<T> =>
    untilAnswered(work, signal, (connection) => tell(() => ({ connection })))
  try {
    const { last_event_id: lastSeq } = await persist(read)
    const proposals = await persist(() => client.proposals())
    tell(({ proposals: known }) => ({ proposals: allNewer(known, proposals) }))
    for await (const event of client.updates({
      signal,
      ...(lastSeq === undefined ? {} : { afterSeq: lastSeq }),
      onState: (connection) => tell(() => ({ connection })),
    })) {
      if (event.type === 'session.ended' || event.type === 'session.rotated') break
      if (event.type === 'proposal_changed')
        tell(({ proposals: all }) => ({ proposals: withNewer(all, event.proposal) }))
      else await persist(read)
    }
    tell(() => ({ connection: 'ended' }))
  } catch (error) {
    const known = knownError(error)
    tell(() => ({ connection: 'ended', error: known }))
  }
}

/** Asks again while the server cannot be reached, or cannot answer now. A refusal is not asked for again. */
async function untilAnswered<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  onChange: (connection: 'connecting' | 'connected') => void,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await work()
      if (attempt > 0) onChange('connected')
      return answer
    } catch (error) {
      if (signal.aborted || isLost(knownError(error))) throw error
      onChange('connecting')
      await pause(Math.min(500 * 2 ** attempt, 10_000), signal)
    }
  }
}

/** The later of two snapshots: answers may overtake each other. */
function newer(a: Snapshot | null, b: Snapshot): Snapshot {
  return a !== null && (a.last_event_id ?? 0) > (b.last_event_id ?? 0) ? a : b
}

/** An error of the server that asking again does not mend. */
function isLost(error: CountersignError | null): boolean {
  return error !== null && error.status >= 400 && error.status < 500 && error.status !== 429
}

/** What is not of this library is a bug of the caller's source: it is thrown on. */
function knownError(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error
  throw error
}
