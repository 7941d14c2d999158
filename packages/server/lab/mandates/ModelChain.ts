/** A chain as the ledger meets it: blocks with times, accounts with nonces, rivals for a nonce, and reorganisations. */
export interface Tx {
  /** Of the reservation; null for one that the ledger did not make. */
  readonly reservation: string | null
  readonly account: string
  readonly nonce: number
  readonly hash: string
  /** What it moves, by unit. */
  readonly moves: Readonly<Record<string, bigint>>
  readonly isReverted: boolean
}

interface Block {
  readonly number: number
  readonly atMs: number
  readonly txs: readonly Tx[]
}

export class ModelChain {
  readonly depth: number
  readonly blocks: Block[] = []
  /** What nodes know and no block holds. */
  readonly pool: Tx[] = []

  constructor(depth: number) {
    this.depth = depth
  }

  get head(): number {
    return this.blocks.length
  }

  nonceOf(account: string): number {
    let next = 0
    for (const { txs } of this.blocks)
      for (const tx of txs) if (tx.account === account) next = Math.max(next, tx.nonce + 1)
    return next
  }

  broadcast(tx: Tx): void {
    if (!this.pool.some(({ hash }) => hash === tx.hash) && this.find(tx.hash) === null) this.pool.push(tx)
  }

  /** A block with what can be mined now; of rivals at one nonce, one is picked. */
  mine(atMs: number, random: () => number, share = 1): void {
    const txs: Tx[] = []
    const next = new Map<string, number>()
    for (let isMore = true; isMore;) {
      isMore = false
      for (const account of new Set(this.pool.map((tx) => tx.account))) {
        const nonce = next.get(account) ?? this.nonceOf(account)
        const rivals = this.pool.filter((tx) => tx.account === account && tx.nonce === nonce)
        if (rivals.length === 0 || random() > share) continue
        const winner = rivals[Math.floor(random() * rivals.length)] as Tx
        txs.push(winner)
        this.pool.splice(this.pool.indexOf(winner), 1)
        next.set(account, nonce + 1)
        isMore = true
      }
    }
    this.blocks.push({ number: this.head + 1, atMs, txs })
  }

  /** Takes back so many blocks, fewer than the depth; what they held is known again. */
  reorganise(count: number): void {
    for (const { txs } of this.blocks.splice(Math.max(0, this.head - count))) this.pool.push(...txs)
  }

  find(hash: string): { readonly tx: Tx; readonly block: Block } | null {
    for (const block of this.blocks) for (const tx of block.txs) if (tx.hash === hash) return { tx, block }
    return null
  }

  /** What has an account's nonce, with how deep it lies; null where nothing has. */
  at(account: string, nonce: number): { readonly tx: Tx; readonly block: Block; readonly depth: number } | null {
    for (const block of this.blocks)
      for (const tx of block.txs)
        if (tx.account === account && tx.nonce === nonce) return { tx, block, depth: this.head - block.number }
    return null
  }

  /** Rivals that lost their nonce for good. */
  drop(): void {
    for (let i = this.pool.length - 1; i >= 0; i--) {
      const tx = this.pool[i] as Tx
      if ((this.at(tx.account, tx.nonce)?.depth ?? -1) >= this.depth) this.pool.splice(i, 1)
    }
  }

  /** Everything that moved of a unit under the ledger, with its time. */
  moved(unit: string): readonly { readonly atMs: number; readonly amount: bigint }[] {
    return this.blocks.flatMap(({ atMs, txs }) =>
      txs
        .filter((tx) => (tx.moves[unit] ?? 0n) > 0n && tx.reservation !== null)
        .map((tx) => ({ atMs, amount: tx.moves[unit] ?? 0n })),
    )
  }
}
