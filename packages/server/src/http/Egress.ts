import { Readable } from 'node:stream'

/** The most that is written at once, in bytes. What is shorter is sent as it is. */
export const PIECE_BYTES = 64 * 1024
/** What large answers write in one turn of the event loop, all together, in bytes: some tenths of a millisecond. */
const TURN_BYTES = 128 * 1024
/** A client that takes nothing of an answer for this long is dropped. Milliseconds. */
const STALL_MS = 30_000

/** An answer that is written out already, in blocks that others may share. */
export class Pieces {
  readonly blocks: readonly Buffer[]
  readonly bytes: number
  constructor(blocks: readonly Buffer[]) {
    this.blocks = blocks
    this.bytes = blocks.reduce((sum, { length }) => sum + length, 0)
  }
}

/**
 * Sends large answers a piece at a time. In each turn of the event loop the callers take turns, so that neither who asks
 * for much nor who asks often holds up others: what a request of another caller waits for is a fraction of a millisecond,
 * however long an answer is. Nothing is copied, and a client that reads slowly holds no more than the connection.
 */
export class Egress {
  /** What waits to write, by caller: who was served goes to the end. */
  readonly #waiting = new Map<string, LargeAnswer[]>()
  readonly #stallMs: number
  #isDue = false

  constructor({ stallMs = STALL_MS }: { stallMs?: number } = {}) {
    this.#stallMs = stallMs
  }

  /** @param caller - Whose answers take turns among themselves. */
  open(caller: string, { blocks }: Pieces): Readable {
    return new LargeAnswer(blocks, { stallMs: this.#stallMs, ask: (answer) => this.#ask(caller, answer) })
  }

  #ask(caller: string, answer: LargeAnswer): void {
    const queue = this.#waiting.get(caller)
    if (queue === undefined) this.#waiting.set(caller, [answer])
    else queue.push(answer)
    this.#comeBack()
  }

  #comeBack(): void {
    if (this.#isDue || this.#waiting.size === 0) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      this.#turn()
      this.#comeBack()
    })
  }

  #turn(): void {
    let left = TURN_BYTES
    // A caller that is put back is met again, after all others.
    for (const [caller, queue] of this.#waiting) {
      if (left <= 0) return
      this.#waiting.delete(caller)
      const answer = queue.shift()
      if (queue.length > 0) this.#waiting.set(caller, queue)
      left -= answer?.write() ?? 0
    }
  }
}

class LargeAnswer extends Readable {
  readonly #blocks: Buffer[]
  readonly #ask: (answer: LargeAnswer) => void
  readonly #stallMs: number
  #stalled: NodeJS.Timeout | null = null

  constructor(blocks: readonly Buffer[], { stallMs, ask }: { stallMs: number; ask: (answer: LargeAnswer) => void }) {
    // One piece is ready at a time.
    super({ highWaterMark: 1 })
    this.#blocks = blocks.toReversed()
    this.#ask = ask
    this.#stallMs = stallMs
  }

  /** Asked when the client has taken what was written. */
  override _read(): void {
    this.#stopWaiting()
    this.#ask(this)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stopWaiting()
    this.#blocks.length = 0
    callback(error)
  }

  /** Writes the next piece. Returns its length. */
  write(): number {
    if (this.destroyed) return 0
    const block = this.#blocks.pop()
    if (block === undefined) {
      this.push(null)
      return 0
    }
    const piece = block.subarray(0, PIECE_BYTES)
    if (piece.length < block.length) this.#blocks.push(block.subarray(piece.length))
    this.#stalled = setTimeout(() => this.destroy(new AnswerNotTakenError()), this.#stallMs).unref()
    this.push(piece)
    return piece.length
  }

  #stopWaiting(): void {
    if (this.#stalled !== null) clearTimeout(this.#stalled)
    this.#stalled = null
  }
}

/** For the log: the connection is gone. */
export class AnswerNotTakenError extends Error {
  override readonly name = 'http.AnswerNotTakenError'
  constructor() {
    super('A client took nothing of its answer for too long and was dropped.')
  }
}
