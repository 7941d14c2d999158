/** What decides which of two answers about one proposal is the newer. */
interface Versioned {
  readonly id: string
  readonly version?: number
}

/**
 * The newer of two answers about one proposal: answers and events come over several connections and overtake one another.
 * Of two with the same version the one that came last is kept, for what time alone changes (`signable`).
 *
 * @param known - What was known so far; of another proposal, or absent, it does not count.
 */
export function newerOf<T extends Versioned>(known: T | null | undefined, next: T): T {
  return known != null && known.id === next.id && (known.version ?? 0) > (next.version ?? 0) ? known : next
}

/** A list with one more answer: it takes the place of an older one, and a proposal that is new comes first. */
export function withNewer<T extends Versioned>(known: readonly T[], next: T): readonly T[] {
  return known.some(({ id }) => id === next.id)
    ? known.map((each) => (each.id === next.id ? newerOf(each, next) : each))
    : [next, ...known]
}

/** A list that was read anew, in which nothing is older than what was known before. */
export function allNewer<T extends Versioned>(known: readonly T[], read: readonly T[]): readonly T[] {
  return read.map((each) =>
    newerOf(
      known.find(({ id }) => id === each.id),
      each,
    ),
  )
}
