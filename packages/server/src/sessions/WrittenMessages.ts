import type { Message } from '@countersign/sdk'

/** A block of text is joined with what follows up to this many bytes, so that a long list is a few dozen blocks. */
const BLOCK_BYTES = 64 * 1024

/**
 * A list of messages as JSON, without its brackets: written out once, then handed out as it is, however often it is sent.
 * Blocks are shared between answers, so their bytes never change.
 */
export class WrittenMessages {
  readonly count: number
  readonly blocks: readonly Buffer[]

  constructor(count: number, blocks: readonly Buffer[]) {
    this.count = count
    this.blocks = blocks
  }

  get bytes(): number {
    return this.blocks.reduce((sum, { length }) => sum + length, 0)
  }

  /** The same list and one message more. */
  with(message: Message): WrittenMessages {
    return new WrittenMessages(this.count + 1, [...this.blocks, written(message, this.count === 0)])
  }

  /** What any other writer of JSON makes of it. */
  toJSON(): Message[] {
    return JSON.parse(`[${Buffer.concat(this.blocks).toString()}]`) as Message[]
  }
}

/** Messages that are still being added to. */
export class MessageWriter {
  readonly #blocks: Buffer[] = []
  /** Where each message ends in the whole text. */
  readonly #ends: number[] = []

  get count(): number {
    return this.#ends.length
  }
  get bytes(): number {
    return this.#ends.at(-1) ?? 0
  }

  add(message: Message): void {
    const text = written(message, this.count === 0)
    const last = this.#blocks.at(-1)
    // A new block in the place of the last one: that one may be on its way to a client.
    if (last !== undefined && last.length + text.length <= BLOCK_BYTES)
      this.#blocks[this.#blocks.length - 1] = Buffer.concat([last, text])
    else this.#blocks.push(text)
    this.#ends.push(this.bytes + text.length)
  }

  /** The messages from one on. */
  from(idx: number): WrittenMessages {
    if (idx >= this.count) return new WrittenMessages(0, [])
    // The comma before the first one is left out.
    let skip = idx === 0 ? 0 : (this.#ends[idx - 1] ?? 0) + 1
    const blocks: Buffer[] = []
    for (const block of this.#blocks) {
      if (skip < block.length) blocks.push(skip === 0 ? block : block.subarray(skip))
      skip = Math.max(0, skip - block.length)
    }
    return new WrittenMessages(this.count - idx, blocks)
  }
}

function written(message: Message, isFirst: boolean): Buffer {
  return Buffer.from((isFirst ? '' : ',') + JSON.stringify(message))
}
