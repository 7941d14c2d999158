import {
  allNewer,
  createClient,
  CountersignError,
  type AnyProposal,
  type Client,
  type Message,
  type Proposal,
  type ToolCallProposal,
  withNewer,
} from '@countersign/sdk'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { appIn, frameSession } from './embed.ts'
import { forgetKnown } from './unreported.ts'
import { t } from './text/text.ts'

/** Where the id of a conversation is kept, and that of the session in which an owner answers what came through a door. */
export type Slot = 'countersign.session' | 'countersign.owner'

/** One session, shared by the tabs of this browser. The id opens nothing without the cookie. */
function sessionId(slot: string): string {
  const kept = localStorage.getItem(slot)
  if (kept !== null && /^[0-9a-f-]{36}$/.test(kept)) return kept
  const fresh = crypto.randomUUID()
  localStorage.setItem(slot, fresh)
  return fresh
}

/** With a session of its own a frame shows its token and nothing else. */
function credential(hasCookie: boolean): { isOwnPage: boolean; token?: () => string } {
  const own = frameSession()
  return own === null ? { isOwnPage: hasCookie } : { isOwnPage: false, token: () => own.token }
}

/** The client of one conversation. It goes on by itself when the id is replaced; the other tabs hear of it through the storage. */
function clientFor({
  id,
  slot,
  app,
  hasCookie,
}: {
  id: string
  slot: string
  app: string
  hasCookie: boolean
}): Client {
  let own = id
  return createClient({
    baseUrl: '',
    sessionId: id,
    app,
    ...credential(hasCookie),
    // A conversation that was left meanwhile takes nothing back.
    onSessionId: (next) => {
      if ([null, own].includes(localStorage.getItem(slot))) localStorage.setItem(slot, next)
      own = next
    },
  })
}

export interface Wallet {
  readonly address: string
  readonly chain_id: number
  readonly is_connected: boolean
}

export interface SessionView {
  readonly client: Client
  readonly messages: readonly Message[]
  readonly proposals: readonly Proposal[]
  /** Calls of tools, newest first. */
  readonly calls: readonly ToolCallProposal[]
  readonly isProcessing: boolean
  readonly isLive: boolean
  /** The wallet that signed in to this conversation; null while there is only a claim. */
  readonly signedIn: string | null
  /** The last refusal of the server, for people; null when all is well. */
  readonly problem: string | null
  /** Sends a message; false where the server did not take it, and then `problem` says why. */
  say(text: string): Promise<boolean>
  interrupt(): Promise<void>
  accept(proposal: AnyProposal): void
  /** Signs in with the connected wallet; `sign` asks it for a signature. */
  signIn(
    wallet: { readonly address: string; readonly chainId: number },
    sign: (text: string) => Promise<string>,
  ): Promise<void>
  /** Goes on with another conversation of this owner. */
  open(sessionId: string): void
  startAnew(): void
}

/** The server's log is the truth: this keeps a copy of it, live, across reloads and in every tab. */
export function useSession(wallet: Wallet | null, hasCookie: boolean, kind: Slot = 'countersign.session'): SessionView {
  const app = appIn(window.location.pathname)
  // A conversation belongs to one app.
  const slot = app === 'default' ? kind : `${kind}.${app}`
  const [id, setId] = useState(() => frameSession()?.sessionId ?? sessionId(slot))
  const client = useMemo(() => clientFor({ id, slot, app, hasCookie }), [id, hasCookie, slot, app])
  const clientRef = useRef(client)
  clientRef.current = client
  const [signedIn, setSignedIn] = useState<string | null>(null)
  const [messages, setMessages] = useState<readonly Message[]>([])
  const [streaming, setStreaming] = useState<Message | null>(null)
  const [proposals, setProposals] = useState<readonly Proposal[]>([])
  const [calls, setCalls] = useState<readonly ToolCallProposal[]>([])
  const [isProcessing, setProcessing] = useState(false)
  const [isLive, setLive] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const walletRef = useRef(wallet)
  walletRef.current = wallet
  const messagesRef = useRef(messages)
  messagesRef.current = messages

  const accept = useCallback((proposal: AnyProposal) => {
    if (proposal.kind === 'tool_call') return setCalls((known) => newestFirst(withNewer(known, proposal)))
    forgetKnown(proposal.calls)
    setProposals((known) => newestFirst(withNewer(known, proposal)))
  }, [])

  useEffect(() => {
    const follow = (event: StorageEvent): void => {
      if (event.key !== slot || event.newValue === null) return
      setProblem(null)
      setId(sessionId(slot))
    }
    window.addEventListener('storage', follow)
    return () => window.removeEventListener('storage', follow)
  }, [slot])

  const startAnew = useCallback(() => {
    localStorage.removeItem(slot)
    setMessages([])
    setProposals([])
    setCalls([])
    setProblem(null)
    setSignedIn(null)
    setId(sessionId(slot))
  }, [slot])

  useEffect(() => {
    const stop = new AbortController()
    let isCurrent = true
    let hasLoaded = false
    const load = async (): Promise<number> => {
      const snapshot = await client.state(walletRef.current ?? undefined)
      if (!isCurrent) return 0
      setMessages(snapshot.messages.filter((message) => !message.is_streaming))
      setProcessing(snapshot.is_processing)
      setSignedIn(snapshot.signed_in?.address ?? null)
      const all = snapshot.session_exists ? await client.proposals() : []
      setProposals((known) => allNewer(known, signedOf(all)))
      setCalls((known) => allNewer(known, callsOf(all)))
      return snapshot.last_event_id ?? 0
    }
    const follow = async (): Promise<void> => {
      const afterSeq = await load()
      hasLoaded = true
      for await (const event of client.updates({
        signal: stop.signal,
        afterSeq,
        onState: (state) => setLive(state === 'connected'),
      })) {
        if (!isCurrent) return
        switch (event.type) {
          case 'message':
            if (event.message.is_streaming) setStreaming(event.message)
            else {
              setStreaming(null)
              setMessages((known) => {
                const next = [...known]
                next[event.index] = event.message
                return next
              })
            }
            break
          case 'turn_started':
            setProcessing(true)
            break
          case 'turn_finished':
            setProcessing(false)
            setStreaming(null)
            break
          case 'proposal_changed':
            accept(event.proposal)
            break
          case 'system_error':
            setProblem(event.message)
            break
          case 'session.rotated':
            // By this tab: the client knows the new id. By another: it is in the storage by now, or soon.
            if (client.sessionId === id && sessionId(slot) !== id) setId(sessionId(slot))
            break
          case 'session.ended':
            setProblem(t().page.ended)
            break
          case 'system_notice':
          case 'title_changed':
          case 'tool_update':
          case 'tool_complete':
          case 'tool':
          case 'app':
          case 'wallet_tx_request':
          case 'wallet_request_withdrawn':
            break
        }
      }
    }
    follow().catch((error: unknown) => {
      if (!isCurrent) return
      if (!isOver(error)) return setProblem(problemText(error))
      // Another tab signed in: this one follows it, now or as soon as the storage has the new id.
      if (hasLoaded && isReplaced(error))
        return sessionId(slot) === id ? setProblem(problemText(error)) : setId(sessionId(slot))
      // Found over when the page was opened: there is nothing to read on, so a new one begins.
      if (messagesRef.current.length === 0) {
        startAnew()
        setProblem(t().page.endedBefore)
      } else setProblem(problemText(error))
    })
    return () => {
      isCurrent = false
      stop.abort()
    }
  }, [client, id, slot, accept, startAnew])

  return {
    client,
    messages: streaming === null ? messages : [...messages, streaming],
    proposals,
    calls,
    isProcessing,
    isLive,
    problem,
    accept,
    async say(text) {
      setProblem(null)
      setProcessing(true)
      // What is said arrives by the stream: of the answer only what is new is read.
      const sent = client.chat(text, walletRef.current ?? undefined, { messagesFrom: messagesRef.current.length })
      return isTaken(sent, (error) => {
        setProcessing(false)
        setProblem(problemText(error))
      })
    },
    async interrupt() {
      await client.interrupt().catch((error: unknown) => setProblem(problemText(error)))
    },
    signedIn,
    async signIn(account, sign) {
      setProblem(null)
      if (messagesRef.current.length === 0) await client.start()
      const { address } = await client.signIn(account, sign)
      if (clientRef.current === client) setSignedIn(address)
    },
    open(next) {
      localStorage.setItem(slot, next)
      setMessages([])
      setProposals([])
      setProblem(null)
      setId(next)
    },
    startAnew,
  }
}

/** Whether the server took what was sent; what it refused goes to `onRefusal`. */
async function isTaken(sent: Promise<unknown>, onRefusal: (error: unknown) => void): Promise<boolean> {
  try {
    await sent
    return true
  } catch (error) {
    onRefusal(error)
    return false
  }
}

export function problemText(error: unknown): string {
  if (isOver(error)) return `${(error as CountersignError).message} ${t().page.pressNewChat}`
  if (error instanceof CountersignError) return `${error.message} ${error.hint}`
  return t().page.unreachable
}

/** Whether the server said that the session is over, or goes on under another id. */
function isOver(error: unknown): boolean {
  return error instanceof CountersignError && error.status === 401 && error.code.startsWith('sessions:session:')
}

/** Whether it goes on under another id, which whoever replaced this one has. */
function isReplaced(error: unknown): boolean {
  return error instanceof CountersignError && error.code === 'sessions:session:rotated'
}

function newestFirst<T extends AnyProposal>(all: readonly T[]): readonly T[] {
  return all.toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1))
}

/** What a wallet signs; what is known of its steps is not told twice. */
function signedOf(all: readonly AnyProposal[]): readonly Proposal[] {
  const signed = all.filter((each) => each.kind !== 'tool_call')
  for (const { calls } of signed) forgetKnown(calls)
  return signed
}

function callsOf(all: readonly AnyProposal[]): readonly ToolCallProposal[] {
  return newestFirst(all.filter((each) => each.kind === 'tool_call'))
}
