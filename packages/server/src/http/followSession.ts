import type { ServerResponse } from 'node:http'
import type { EventBody, EventLog } from '../sessions/EventLog.ts'

/** How often an idle stream says that it lives, in milliseconds (Aomi's clients expect 15 s). */
const KEEP_ALIVE_MS = 15_000
/** A client that lets this much pile up is dropped; it loses nothing, because it can resume. Bytes. */
const MAX_BACKLOG_BYTES = 256 * 1024
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
 * sent at once, and a client that lets it pile up is dropped. Nothing is ever skipped to keep up.
 *
 * @returns Ends the stream.
 */
export function followSession(
  {
    events,
    onError,
    isOpen,
  }: {
    events: EventLog
    onError: (error: unknown) => void
    /** Whether whoever opened the stream would still be let in. Asked before anything is handed out. */
    isOpen: () => boolean
  },
  { response, session, afterSeq }: { response: ServerResponse; session: Followed; afterSeq: number },
): () => void {
  const { sid, publicId } = session
  let seq = afterSeq
  let isEnded = false
  let isReading = false
  let isDirty = false
  /** Whether the client has once had all there was: from then on it has to keep up. */
  let isLive = false

  const end = (): void => {
    if (isEnded) return
    isEnded = true
    unsubscribe()
    response.end()
  }
  const drop = (): void => {
    end()
    response.destroy()
  }
  const write = (frame: string): void => {
    if (isEnded) return
    response.write(frame)
    if (isLive && response.writableLength > MAX_BACKLOG_BYTES) drop()
  }
  const drain = async (): Promise<void> => {
    isDirty = true
    if (isReading) return
    isReading = true
    try {
      // oxlint-disable-next-line no-unmodified-loop-condition -- a closed connection sets it from outside
      while (isDirty && !isEnded) {
        isDirty = false
        if (!isOpen()) return end()
        const page = await events.read(sid, seq, PAGE)
        for (const event of page) {
          if (isEnded) return
          write(frameOf(event.body, publicId, event.seq, true))
          seq = event.seq
          // The id was replaced: whoever holds the old one hears nothing more.
          if (event.body.type === 'session.rotated' && events.publicIdOf(sid) !== publicId) return end()
          if (event.body.type === 'session.ended') return end()
          if (!response.writableNeedDrain || isEnded) continue
          // Behind: at its pace. Level: the socket gets a turn, and what it does not take counts against the cap.
          if (isLive) await new Promise((resolve) => setImmediate(resolve))
          else if (!(await hasDrained(response))) return drop()
        }
        if (page.length === PAGE) isDirty = true
        else if (!isDirty) isLive = true
      }
    } catch (error) {
      // It can resume from the last id that it saw.
      onError(error)
      drop()
    } finally {
      isReading = false
    }
  }
  const unsubscribe = events.subscribe(sid, {
    wake: () => void drain(),
    // Passing events carry the last durable number, so that resuming from them skips nothing. Who is behind goes without.
    transient: (body) => {
      if (!isLive || response.writableNeedDrain) return
      if (events.publicIdOf(sid) === publicId && isOpen()) write(frameOf(body, publicId, seq, false))
    },
  })
  void drain()
  return end
}

/** Says now and then that the stream lives, and looks whether it may; returns what ends that. */
export function keepAlive(response: ServerResponse, look: () => void): () => void {
  const timer = setInterval(() => {
    look()
    if (response.writableEnded) return
    if (response.writableLength <= MAX_BACKLOG_BYTES) response.write(': keep-alive\n\n')
  }, KEEP_ALIVE_MS)
  return () => clearInterval(timer)
}

function frameOf(body: EventBody, publicId: string, seq: number, isDurable: boolean): string {
  const data = JSON.stringify({ ...body, session_id: publicId, seq })
  return isDurable ? `id: ${seq}\ndata: ${data}\n\n` : `data: ${data}\n\n`
}

/** Waits until the client has taken what was written; false when it takes nothing, or has gone. */
function hasDrained(response: ServerResponse): Promise<boolean> {
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
