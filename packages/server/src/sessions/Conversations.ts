import type { Prepared, Store } from '../store/openStore.ts'
import { readMessage } from './History.ts'
import { MessageWriter, type WrittenMessages } from './WrittenMessages.ts'

/** How much is kept ready, in bytes of JSON; the conversation that was longest not asked for goes first. */
const MAX_BYTES = 64 * 1024 * 1024
/** What a message costs beside its text. */
const OVERHEAD_BYTES = 16
/** Lines that are read in one turn of the event loop: at their longest, a few milliseconds of work. */
const PAGE = 16

/** A conversation as clients see it, from a line on. */
export interface Conversation {
  readonly messages: WrittenMessages
  /** Lines that were read from the store for it. */
  readonly read: number
}

/**
 * Conversations as they were last sent. Lines are only ever added (`appendMessage`), so what is kept is a fact under
 * its session's internal id, which no other session ever gets, and a poll reads, converts and writes out only what is
 * new, however long the conversation is. One that has to be read from its beginning lets others be served between pages.
 */
export class Conversations {
  readonly #page: Prepared<Parameters<typeof readMessage>[0]>
  readonly #maxBytes: number
  readonly #kept = new Map<string, MessageWriter>()
  #bytes = 0

  constructor({ store }: { store: Store }, { maxBytes = MAX_BYTES }: { maxBytes?: number } = {}) {
    // Lines are numbered from 0 without a gap.
    this.#page = store.prepare('select body, at_ms from messages where sid = ? and idx >= ? order by idx limit ?')
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  async read(sid: string, { fromIdx = 0 }: { fromIdx?: number } = {}): Promise<Conversation> {
    let read = 0
    let mine = new MessageWriter()
    for (;;) {
      // From here to `keep` nothing is waited for. What other requests read meanwhile counts, and what fell out does not.
      const kept = this.#kept.get(sid)
      if (kept !== undefined && kept.count >= mine.count) mine = kept
      const rows = this.#page.all(sid, mine.count, PAGE)
      this.#forget(sid)
      for (const row of rows) mine.add(readMessage(row))
      this.#keep(sid, mine)
      read += rows.length
      if (rows.length < PAGE) return { messages: mine.from(fromIdx), read }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #keep(sid: string, kept: MessageWriter): void {
    this.#kept.set(sid, kept)
    this.#bytes += costOf(kept)
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === sid) return
      this.#forget(oldest)
    }
  }

  #forget(sid: string): void {
    const kept = this.#kept.get(sid)
    if (kept === undefined) return
    this.#kept.delete(sid)
    this.#bytes -= costOf(kept)
  }
}

function costOf({ bytes, count }: MessageWriter): number {
  return bytes + count * OVERHEAD_BYTES
}
