import type { Address } from '@countersign/base'
import { refused } from '../GuardRefusedError.ts'
import { isSpendable, isSpent, type AskSpent } from '../gate/AskSpent.ts'

/** What one authorization moves. */
export interface Purchase {
  readonly payTo: string
  readonly asset: string
  readonly amount: string
  readonly chainId: number
}

interface Open {
  readonly validBeforeMs: number
  readonly nonce: string
  readonly asset: string
  readonly chainId: number
  readonly from: Address.Address
  /** Whether the seller said that it was paid. */
  readonly isSaid?: boolean
}

/** Authorizations that may still be spent, or were: a lost answer and a second call must not pay twice. */
export class Purchases {
  readonly #open = new Map<string, Open>()
  readonly #ask: AskSpent | undefined

  constructor(ask: AskSpent | undefined) {
    this.#ask = ask
  }

  keyOf(resource: string, { payTo, asset, amount, chainId }: Purchase): string {
    return [resource, payTo.toLowerCase(), asset.toLowerCase(), amount, chainId].join(' ')
  }

  /**
   * Only the chain says whether an authorization was spent: whoever settles it may have told a lie, or nothing. One of which the seller says
   * that it was paid makes room for the next purchase as soon as the chain shows it.
   *
   * @throws {GuardRefusedError} while one is open, was spent, or the chain does not answer.
   */
  async refuseOpen(key: string): Promise<void> {
    const open = this.#open.get(key)
    if (open === undefined) return
    const state = open.isSaid === true && (await isSpent(this.#ask, open)) ? 'done' : await isSpendable(this.#ask, open)
    if (state === 'open') throw refused('an authorization for this purchase is open; it may still be spent')
    if (state === 'spent') throw refused('this purchase was paid, as the chain says, and was not reported as delivered')
    if (state === 'unknown') throw refused('the chain does not say whether this purchase was paid')
    // Another call may have signed meanwhile.
    if (this.#open.get(key) === open) this.#open.delete(key)
    else await this.refuseOpen(key)
  }

  note(key: string, open: Open): void {
    this.#open.set(key, open)
  }

  /** The seller says that it was paid. */
  notePaid(key: string, nonce: string | undefined): void {
    const open = this.#open.get(key)
    if (nonce !== undefined && open?.nonce === nonce) this.#open.set(key, { ...open, isSaid: true })
  }
}
