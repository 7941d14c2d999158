import { BaseError, type Address } from '@countersign/base'

/** As many as wait for one account. More are turned away: each stands on the one before. */
const MAX_WAITING = 64

/**
 * One after the other for one account of one chain, in the order in which they came; accounts do not wait for each other.
 * It belongs to the server, so that two clients with one account, or one client twice, cannot both be judged on a state
 * that leaves the other out.
 */
export class AccountQueue {
  readonly #last = new Map<string, { readonly done: Promise<unknown>; waiting: number }>()

  /**
   * Runs `work` when everything before it is over, however it ended.
   *
   * @throws {AccountBusyError} `proposals:account:busy` when too many wait.
   */
  async run<T>(
    { chainId, account }: { chainId: number; account: Address.Address },
    work: () => Promise<T>,
  ): Promise<T> {
    const name = `${chainId}|${account.toLowerCase()}`
    const before = this.#last.get(name)
    const waiting = (before?.waiting ?? 0) + 1
    if (waiting > MAX_WAITING) throw new AccountBusyError('Too many requests for this account wait to be judged.')
    const started = (before?.done ?? Promise.resolve()).then(work, work)
    const own = { done: started, waiting }
    this.#last.set(name, own)
    try {
      return await started
    } finally {
      const newest = this.#last.get(name)
      if (newest === own) this.#last.delete(name)
      else if (newest !== undefined) newest.waiting -= 1
    }
  }
}

/** The account cannot be judged now. */
export class AccountBusyError extends BaseError {
  override readonly name = 'proposals.AccountBusyError'
  constructor(why: string) {
    super(why, {
      code: 'proposals:account:busy',
      kind: 'unavailable',
      hint: 'Nothing was proposed. Try again in a moment.',
    })
  }
}
