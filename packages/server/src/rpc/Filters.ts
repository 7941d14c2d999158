import { randomBytes } from 'node:crypto'

/** As many filters as one key's family may have on one chain: a provider drops what is not asked for after five minutes. */
const MAX_FILTERS = 100
/** All of them together. */
const MAX_ALL = 10_000

/** Who made a filter: a key's family, on one chain. */
export interface Holder {
  readonly family: string
  readonly chainId: number
}

/**
 * Filters that programs made at a provider, under ids of ours: a provider's ids may be guessed, and they are the same for
 * every program behind this door. Only its maker finds one.
 */
export class Filters {
  readonly #kept = new Map<string, { readonly place: string; readonly providerId: string }>()

  /** The id under which its maker asks for it. */
  keep(holder: Holder, providerId: string): string {
    const place = placeOf(holder)
    const own = [...this.#kept].filter(([, each]) => each.place === place).map(([id]) => id)
    const [oldest] = own.length >= MAX_FILTERS ? own : this.#kept.size >= MAX_ALL ? this.#kept.keys() : []
    if (oldest !== undefined) this.#kept.delete(oldest)
    const id = `0x${randomBytes(16).toString('hex')}`
    this.#kept.set(id, { place, providerId })
    return id
  }

  /** What the provider calls it; null for one of somebody else, or of nobody. */
  find(holder: Holder, id: unknown): string | null {
    const found = typeof id === 'string' ? this.#kept.get(id.toLowerCase()) : undefined
    return found?.place === placeOf(holder) ? found.providerId : null
  }

  drop(holder: Holder, id: unknown): void {
    if (typeof id === 'string' && this.find(holder, id) !== null) this.#kept.delete(id.toLowerCase())
  }
}

function placeOf({ family, chainId }: Holder): string {
  return `${chainId} ${family}`
}
