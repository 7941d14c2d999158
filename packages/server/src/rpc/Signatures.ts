import type { Hex } from '@countersign/base'

/** For how long a signature waits for the program that asked for it, in milliseconds: as long as a proposal is open. */
const KEEP_MS = 900_000
const MAX_KEPT = 1_000

/**
 * Signatures of documents on their way to the program that asked for them, in memory alone: a signature is a power, so it is
 * written nowhere, handed out once, and forgotten after a while.
 */
export class Signatures {
  readonly #kept = new Map<string, { readonly signature: Hex.Hex; readonly untilMs: number }>()

  keep(proposalId: string, signature: Hex.Hex): void {
    this.#sweep()
    this.#kept.set(proposalId, { signature, untilMs: performance.now() + KEEP_MS })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }

  /** The signature, once; null where there is none any more. */
  take(proposalId: string): Hex.Hex | null {
    this.#sweep()
    const found = this.#kept.get(proposalId)
    this.#kept.delete(proposalId)
    return found?.signature ?? null
  }

  #sweep(): void {
    const nowMs = performance.now()
    for (const [id, { untilMs }] of this.#kept) if (untilMs < nowMs) this.#kept.delete(id)
  }
}
