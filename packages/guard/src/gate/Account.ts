import type { Frozen, FrozenCall } from '../Frozen.ts'
import type { Asset } from '../Limits.ts'

/** What one signature used up. */
export interface Spent {
  readonly atMs: number
  readonly amounts: ReadonlyMap<Asset, bigint>
}

/** A transaction that was signed and, as far as is known, not mined. */
export interface Unmined {
  readonly nonce: number
  readonly calls: readonly FrozenCall[]
}

/**
 * An account on a chain, in this process: its queue, what was signed for it, and what is not mined yet. All guards of a
 * process share it, because two guards of one account spend the same money.
 */
export class Account {
  #last: Promise<unknown> = Promise.resolve()
  #spent: Spent[] = []
  #unmined: Unmined[] = []

  /** Runs work after everything that was handed in before, whatever became of it. */
  enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work)
    this.#last = result.catch(() => undefined)
    return result
  }

  /** How much of an asset was signed for since then. */
  spentSince(asset: Asset, sinceMs: number): bigint {
    return this.#spent
      .filter(({ atMs }) => atMs > sinceMs)
      .reduce((sum, { amounts }) => sum + (amounts.get(asset) ?? 0n), 0n)
  }

  /** @returns what gives the reservation back. */
  reserve(spent: Spent): () => void {
    this.#spent.push(spent)
    return () => {
      this.#spent = this.#spent.filter((each) => each !== spent)
    }
  }

  /** Transactions that come before one with this nonce and are not mined yet, in their order. */
  before(nonce: number | null, nextOnChain: number): readonly Unmined[] {
    this.#unmined = this.#unmined.filter((each) => each.nonce >= nextOnChain)
    return this.#unmined.filter((each) => nonce === null || each.nonce < nonce).toSorted((a, b) => a.nonce - b.nonce)
  }

  /** A later transaction with the same nonce replaces the earlier one. */
  noteSigned({ nonce, calls }: Pick<Frozen, 'nonce' | 'calls'>): void {
    if (nonce === null || calls.length === 0) return
    this.#unmined = [...this.#unmined.filter((each) => each.nonce !== nonce), { nonce, calls }]
  }
}

const accounts = new Map<string, Account>()

export function accountOf({ chainId, from }: Pick<Frozen, 'chainId' | 'from'>): Account {
  const key = `${chainId} ${from.toLowerCase()}`
  const known = accounts.get(key) ?? new Account()
  accounts.set(key, known)
  return known
}
