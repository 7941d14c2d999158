import type { ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import type { EventBody, EventListener, EventLog, LoggedEvent } from '../sessions/EventLog.ts'
import { isGone } from './onceGone.ts'
import { MAX_BACKLOG_BYTES } from './Streams.ts'
import { withdrawal } from './withdrawn.ts'

/** A client that is behind and takes nothing for this long is dropped too. */
const STALL_MS = 10_000
/** Events read from the log at a time. */
const PAGE = 100

export interface Followed {
  readonly sid: string
  /** The id as the client knows it; it stands in every frame. */
  readonly publicId: string
}

/**
 * Writes a session's log to an open response as server-sent events, from after `afterSeq` until the client goes: every
 * frame has its sequence number as `id:`. What is old is sent at the pace at which the client reads; what is new is
 * sent at once, and a client that lets `MAX_BACKLOG_BYTES` pile up is dropped; it loses nothing, because it can resume.
 * Nothing is ever skipped to keep up. A request to a wallet that is over by now is replaced by its withdrawal: a client
 * that resumes asks for nothing that was replaced, signed or has ended.
 *
 * @returns Ends the stream.
 */
export function followSession(
  tools: {
    readonly events: EventLog
    readonly log: Pick<FastifyBaseLogger, 'warn'>
    /** Whether whoever opened the stream would still be let in. Asked before anything is handed out. */
    readonly isOpen: () => boolean
    /** Which of these requests to a wallet are over. */
    readonly withdrawn: (sid: string, events: readonly LoggedEvent[]) => Promise<ReadonlySet<LoggedEvent>>
  },
  { response, session, afterSeq }: { response: ServerResponse; session: Followed; afterSeq: number },
): () => void {
  const follower = new Follower(tools, response, session, afterSeq)
  return follower.begin()
}

/** One object a stream, not a closure for each thing that it can do: ten thousand are open at once. */
class Follower implements EventListener {
  readonly #tools: Parameters<typeof followSession>[0]
  readonly #response: ServerResponse
  readonly #session: Followed
  #seq: number
  #unsubscribe: (() => void) | null = null
  #isEnded = false
  #isReading = false
  #isDirty = false
  /** Whether the client has once had all there was: from then on it has to keep up. */
  #isLive = false

  constructor(tools: Parameters<typeof followSession>[0], response: ServerResponse, session: Followed, seq: number) {
    this.#tools = tools
    this.#response = response
    this.#session = session
    this.#seq = seq
  }

  begin(): () => void {
    this.#unsubscribe = this.#tools.events.subscribe(this.#session.sid, this)
    void this.#drain()
    return () => this.#end()
  }

  wake(): void {
    void this.#drain()
  }

  // Passing events carry the last durable number, so that resuming from them skips nothing. Who is behind goes without.
  transient(body: EventBody): void {
    if (!this.#isLive || this.#response.writableNeedDrain) return
    const { sid, publicId } = this.#session
    const { events, isOpen } = this.#tools
    if (events.isIdOf(sid, publicId) && isOpen()) this.#write(frameOf(body, publicId, this.#seq, false))
  }

  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#unsubscribe?.()
    this.#response.end()
  }

  #drop(): void {
    this.#end()
    this.#response.destroy()
  }

  #write(frame: string): void {
    if (this.#isEnded) return
    this.#response.write(frame)
    if (this.#isLive && this.#response.writableLength > MAX_BACKLOG_BYTES) this.#drop()
  }

  async #drain(): Promise<void> {
    this.#isDirty = true
    if (this.#isReading) return
    this.#isReading = true
    const { events, isOpen, log, withdrawn } = this.#tools
    const { sid, publicId } = this.#session
    try {
      while (this.#isDirty && !this.#isEnded) {
        this.#isDirty = false
        if (!isOpen()) return this.#end()
        const page = await events.read(sid, this.#seq, PAGE)
        const requests = page.filter((event) => event.body.type.startsWith('wallet_'))
        const over = requests.length === 0 ? null : await withdrawn(sid, requests)
        // Time has passed, and what was read may have been written after the authority was gone.
        if (page.length > 0 && !isOpen()) return this.#end()
        for (const event of page) {
          if (this.#isEnded) return
          const body = over?.has(event) === true ? withdrawal(event) : event.body
          this.#write(frameOf(body, publicId, event.seq, true))
          this.#seq = event.seq
          // The id was replaced: whoever holds the old one hears nothing more.
          if (event.body.type === 'session.rotated' && !events.isIdOf(sid, publicId)) return this.#end()
          if (event.body.type === 'session.ended') return this.#end()
          if (!this.#response.writableNeedDrain || this.#isEnded) continue
          // Behind: at its pace. Level: the socket gets a turn, and what it does not take counts against the cap.
          if (this.#isLive) await new Promise((resolve) => setImmediate(resolve))
          else if (!(await hasDrained(this.#response))) return this.#drop()
          // Time has passed: the rest of the page may not be for this client any more.
          if (!isOpen()) return this.#end()
        }
        if (page.length === PAGE) this.#isDirty = true
        else if (!this.#isDirty) this.#isLive = true
      }
    } catch (error) {
      // It can resume from the last id that it saw.
      log.warn({ err: error }, 'stream ended')
      this.#drop()
    } finally {
      this.#isReading = false
    }
  }
}

/** Events stand in the store without the session's id, which opens it: it is put in where an event goes out. */
function namingSession(body: EventBody, publicId: string): EventBody {
  if (body.type !== 'proposal_changed') return body
  return { ...body, proposal: { session_id: publicId, ...(body['proposal'] as object) } }
}

function frameOf(body: EventBody, publicId: string, seq: number, isDurable: boolean): string {
  const data = JSON.stringify({ ...namingSession(body, publicId), session_id: publicId, seq })
  return isDurable ? `id: ${seq}\ndata: ${data}\n\n` : `data: ${data}\n\n`
}

/** Waits until the client has taken what was written; false when it takes nothing, or has gone. */
function hasDrained(response: ServerResponse): Promise<boolean> {
  if (isGone(response)) return Promise.resolve(false)
  return new Promise((resolve) => {
    const finish = (answer: boolean) => (): void => {
      clearTimeout(timer)
      response.off('drain', drained).off('close', gone)
      resolve(answer)
    }
    const drained = finish(true)
    const gone = finish(false)
    const timer = setTimeout(gone, STALL_MS)
    response.once('drain', drained).once('close', gone)
  })
}
