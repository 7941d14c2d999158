import type { Message } from '@countersign/sdk'
import type { Store } from '../store/openStore.ts'
import { readHistory, toMessage } from './History.ts'

/** How much is kept ready, in bytes of JSON; the conversation that was longest not asked for goes first. */
const MAX_BYTES = 64 * 1024 * 1024
/** What a message costs beside its text. */
const OVERHEAD_BYTES = 512

/** A conversation as clients see it, from a line on. */
export interface Conversation {
  readonly messages: readonly Message[]
  /** The same as JSON, without the brackets. */
  readonly json: Buffer
  /** Lines that were read from the store for it. */
  readonly read: number
}

interface Kept {
  messages: readonly Message[]
  json: Buffer
  /** Where each message ends in `json`. */
  ends: number[]
}

/**
 * Conversations as they were last sent. Lines are only ever added (`appendMessage`), so what is kept is a fact under
 * its session's internal id, which no other session ever gets, and a poll reads, converts and writes out only what is
 * new, however long the conversation is.
 */
export class Conversations {
  readonly #store: Store
  readonly #maxBytes: number
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor({ store }: { store: Store }, { maxBytes = MAX_BYTES }: { maxBytes?: number } = {}) {
    this.#store = store
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  async read(sid: string, { fromIdx = 0 }: { fromIdx?: number } = {}): Promise<Conversation> {
    const known = this.#kept.get(sid)?.messages.length ?? 0
    const lines = await readHistory({ store: this.#store }, { sid, fromIdx: known })
    // Another request may have been quicker: what is there now counts.
    const kept = this.#kept.get(sid) ?? { messages: [], json: Buffer.alloc(0), ends: [] }
    this.#forget(sid)
    const fresh = lines.filter(({ idx }) => idx >= kept.messages.length)
    if (fresh.length > 0) {
      const added = fresh.map(({ item, atMs }) => toMessage(item, atMs))
      // Handed out as it is, so never changed.
      kept.messages = Object.freeze([...kept.messages, ...added]) as readonly Message[]
      const texts = added.map((message) => Buffer.from(JSON.stringify(message)))
      for (const text of texts) {
        const before = kept.ends.at(-1) ?? 0
        kept.ends.push(before + text.length + (kept.ends.length === 0 ? 0 : 1))
      }
      const comma = Buffer.from(',')
      const parts = texts.flatMap((text, i) => (kept.json.length === 0 && i === 0 ? [text] : [comma, text]))
      kept.json = Buffer.concat([kept.json, ...parts])
    }
    this.#keep(sid, kept)
    const json =
      fromIdx === 0
        ? kept.json
        : kept.json.subarray(Math.min((kept.ends[fromIdx - 1] ?? kept.json.length) + 1, kept.json.length))
    return { messages: fromIdx === 0 ? kept.messages : kept.messages.slice(fromIdx), json, read: lines.length }
  }

  #keep(sid: string, kept: Kept): void {
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

/** The messages as objects take about as much again as their text. */
function costOf({ json, messages }: Kept): number {
  return 2 * json.length + messages.length * OVERHEAD_BYTES
}
