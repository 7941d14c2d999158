/**
 * A memory of answers, which states what it is and what its key covers.
 *
 * A `fact` holds for everything in its key for good, so its key contains all that the answer depends on. A `hint` may be
 * wrong: it changes what an answer costs, never the answer. There is no third kind: what others simulated before, or
 * what a provider said to them, changes no field of a report (`catalogue/history.test.ts`).
 */
export interface Memo<K, V> {
  readonly name: string
  readonly kind: 'fact' | 'hint'
  get(key: K): V | undefined
  set(key: K, value: V): void
  /** Drops what is known under the key, when its source turned out to be wrong. */
  forget(key: K): void
  values(): Iterable<V>
  readonly size: number
}

/** @param of.max - The most entries; the oldest one leaves for the newest. */
export function memo<K, V>(of: {
  readonly name: string
  readonly kind: 'fact' | 'hint'
  readonly key: (key: K) => string
  readonly max: number
}): Memo<K, V> {
  const entries = new Map<string, V>()
  return {
    name: of.name,
    kind: of.kind,
    get: (key) => entries.get(of.key(key)),
    set(key, value) {
      const text = of.key(key)
      entries.delete(text)
      entries.set(text, value)
      const oldest = entries.keys().next().value
      if (entries.size > of.max && oldest !== undefined) entries.delete(oldest)
    },
    forget: (key) => void entries.delete(of.key(key)),
    values: () => entries.values(),
    get size() {
      return entries.size
    },
  }
}
