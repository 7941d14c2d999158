import { createClient, CountersignError, type Client, type Message, type Proposal } from '@countersign/sdk'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'

const SESSION_SLOT = 'countersign.session'

/** One conversation, shared by the tabs of this browser; an id, not a secret of a wallet. */
function sessionId(): string {
  const kept = localStorage.getItem(SESSION_SLOT)
  if (kept !== null && /^[0-9a-f-]{36}$/.test(kept)) return kept
  const fresh = crypto.randomUUID()
  localStorage.setItem(SESSION_SLOT, fresh)
  return fresh
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
  readonly isProcessing: boolean
  readonly isLive: boolean
  /** The last refusal of the server, for people; null when all is well. */
  readonly problem: string | null
  say(text: string): Promise<void>
  interrupt(): Promise<void>
  accept(proposal: Proposal): void
  startAnew(): void
}

/** The server's log is the truth: this keeps a copy of it, live, across reloads and in every tab. */
export function useSession(wallet: Wallet | null): SessionView {
  const [id, setId] = useState(sessionId)
  const client = useMemo(() => createClient({ baseUrl: '', sessionId: id }), [id])
  const [messages, setMessages] = useState<readonly Message[]>([])
  const [streaming, setStreaming] = useState<Message | null>(null)
  const [proposals, setProposals] = useState<readonly Proposal[]>([])
  const [isProcessing, setProcessing] = useState(false)
  const [isLive, setLive] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const walletRef = useRef(wallet)
  walletRef.current = wallet

  const accept = useCallback((proposal: Proposal) => {
    setProposals((known) => {
      const rest = known.filter((each) => each.id !== proposal.id)
      return [...rest, proposal].sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
    })
  }, [])

  useEffect(() => {
    const stop = new AbortController()
    let isCurrent = true
    const load = async (): Promise<number> => {
      const snapshot = await client.state(walletRef.current ?? undefined)
      if (!isCurrent) return 0
      setMessages(snapshot.messages.filter((message) => !message.is_streaming))
      setProcessing(snapshot.is_processing)
      setProposals(snapshot.session_exists ? await client.proposals() : [])
      return snapshot.last_event_id ?? 0
    }
    const follow = async (): Promise<void> => {
      const afterSeq = await load()
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
        }
      }
    }
    follow().catch((error: unknown) => isCurrent && setProblem(problemText(error)))
    return () => {
      isCurrent = false
      stop.abort()
    }
  }, [client, accept])

  return {
    client,
    messages: streaming === null ? messages : [...messages, streaming],
    proposals,
    isProcessing,
    isLive,
    problem,
    accept,
    async say(text) {
      setProblem(null)
      setProcessing(true)
      try {
        await client.chat(text, walletRef.current ?? undefined)
      } catch (error) {
        setProcessing(false)
        setProblem(problemText(error))
      }
    },
    async interrupt() {
      await client.interrupt().catch((error: unknown) => setProblem(problemText(error)))
    },
    startAnew() {
      localStorage.removeItem(SESSION_SLOT)
      setMessages([])
      setProposals([])
      setProblem(null)
      setId(sessionId())
    },
  }
}

export function problemText(error: unknown): string {
  if (error instanceof CountersignError) return `${error.message} ${error.hint}`
  return 'The server cannot be reached. Check that it is running; this page connects again by itself.'
}
