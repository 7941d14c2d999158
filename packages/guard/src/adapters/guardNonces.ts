import type { Transaction } from '../codec/Transaction.ts'

interface Place {
  readonly address: string
  readonly chainId: number
}
interface Asking extends Place {
  readonly client: { request(args: { method: string; params: readonly unknown[] }): Promise<unknown> }
}

/** viem's nonce manager, by its shape. */
export interface Nonces {
  consume(place: Asking): Promise<number>
  increment(place: Place): void
  get(place: Asking): Promise<number>
  reset(place: Place): void
  /** A nonce that was given out and not signed with is the next one to be given out. */
  giveBack(address: string, transaction: Pick<Transaction, 'chainId' | 'nonce'>): void
}

/** Gives out each nonce once, and again what a refusal gave back: a refused send must not leave a gap. */
export function guardNonces(): Nonces {
  const next = new Map<string, number>()
  const free = new Map<string, number[]>()
  let last: Promise<unknown> = Promise.resolve()
  const keyOf = ({ address, chainId }: Place): string => `${chainId} ${address.toLowerCase()}`
  const peek = async ({ client, ...place }: Asking): Promise<number> => {
    const count = Number(
      await client.request({ method: 'eth_getTransactionCount', params: [place.address, 'pending'] }),
    )
    const key = keyOf(place)
    free.set(
      key,
      (free.get(key) ?? []).filter((each) => each >= count),
    )
    const given = free.get(key)?.[0]
    return given ?? Math.max(count, next.get(key) ?? 0)
  }
  const consume = async (place: Asking): Promise<number> => {
    const nonce = await peek(place)
    const key = keyOf(place)
    const given = free.get(key) ?? []
    if (given[0] === nonce) given.shift()
    next.set(key, Math.max(nonce + 1, next.get(key) ?? 0))
    return nonce
  }
  return {
    consume(place) {
      const result = last.then(
        () => consume(place),
        () => consume(place),
      )
      last = result.catch(() => undefined)
      return result
    },
    get: peek,
    increment: () => undefined,
    reset: () => undefined,
    giveBack(address, { chainId, nonce }) {
      const key = keyOf({ address, chainId })
      if (nonce >= (next.get(key) ?? 0)) return
      if (nonce === (next.get(key) ?? 0) - 1) next.set(key, nonce)
      else
        free.set(
          key,
          [...new Set([...(free.get(key) ?? []), nonce])].toSorted((a, b) => a - b),
        )
    },
  }
}
